#pragma once

namespace fabric::transport {

/// Third argument of `field` in a `describe`: the string is a name or other short text for people.
/// It travels as MessagePack `str`, must be UTF-8 and at most `text_bytes_max` long. A string
/// without it holds any bytes (payloads, output, paths, arguments) and travels as `bin`.
struct text_mark {};
inline constexpr text_mark text;

}  // namespace fabric::transport
