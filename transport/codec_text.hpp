#pragma once

#include <cstddef>
#include <string_view>

/// What spellings a name may have on the wire. Private to the codec.
namespace fabric::transport::codec {

/// A longer text is `bad_message`.
inline constexpr std::size_t text_bytes_max = 64 << 10;

/// Why `s` is no text that a reader takes; empty where it is one.
std::string_view objection_to_text(std::string_view s);

/// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view s);

/// [a-z][a-z0-9_.-]{0,63}
bool is_resource_name(std::string_view s);

/// [A-Za-z][A-Za-z0-9_./-]{0,63}
bool is_label_key(std::string_view s);

/// At most 512 bytes of UTF-8 without control characters, comma, '=' or '!'.
bool is_label_value(std::string_view s);

}  // namespace fabric::transport::codec
