#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fabric/result.hpp"

/// Messages in a byte stream: the length of the body (4 bytes, little endian), then the body. The
/// pair of sockets is a stream because a packet socket would limit a message to its send buffer.
namespace fabric::spawner {

void append_frame(std::string& stream, std::string_view body);

/// Takes bytes as they come and gives whole bodies.
class frame_reader {
 public:
  void take(std::span<const char> bytes) { bytes_.append(bytes.data(), bytes.size()); }

  /// The next whole body, valid until the next call of `take` or `next`; nothing when bytes are
  /// missing. Faults: too_large.
  result<std::optional<std::span<const std::byte>>> next();

 private:
  std::string bytes_;
  std::size_t begin_ = 0;
};

}  // namespace fabric::spawner
