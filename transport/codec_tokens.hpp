#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// MessagePack as a flat list of tokens, which is the one thing the reader looks at. Private to the
/// codec.
namespace fabric::transport::codec {

enum class token_kind : std::uint8_t {
  nil,
  boolean,
  natural,
  negative,
  real,
  text,
  bytes,
  array,
  map
};

/// One value. Of an array or map only the beginning: its elements follow, up to `end`.
struct token {
  union {
    std::uint64_t number;  ///< natural, boolean; negative as two's complement
    std::size_t end;       ///< array, map: index of the token behind the last element
    const char* data;      ///< text, bytes: into the parsed bytes
  };
  std::uint32_t size;  ///< text, bytes: length; array: elements; map: pairs
  token_kind kind;
};
static_assert(sizeof(token) == 16, "the memory bound of decoding counts on this");

/// How one value is to be bounded. Everything beyond, and every ext type, ends the parse.
struct token_limits {
  std::size_t depth;
  std::size_t elements;  ///< of one array or map
  std::size_t tokens;    ///< in all
};

/// Reads the one value that begins at `offset` of `bytes` into `out` (cleared first) and moves
/// `offset` behind it. False, with the reason in `why`, where there is no such value.
bool parse_tokens(std::span<const std::byte> bytes, std::size_t& offset, const token_limits& limits,
                  std::vector<token>& out, std::string_view& why);

}  // namespace fabric::transport::codec
