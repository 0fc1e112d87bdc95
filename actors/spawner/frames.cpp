#include "actors/spawner/frames.hpp"

#include <array>
#include <cstdint>

#include "transport/codec.hpp"

namespace fabric::spawner {

namespace {

constexpr std::size_t prefix_bytes = 4;
/// A larger buffer is given back once it is empty.
constexpr std::size_t spare_bytes_max = 1 << 20;

}  // namespace

void append_frame(std::string& stream, std::string_view body) {
  for (std::size_t i = 0; i < prefix_bytes; ++i)
    stream += static_cast<char>((body.size() >> (8 * i)) & 0xff);
  stream += body;
}

result<std::optional<std::span<const std::byte>>> frame_reader::next() {
  using answer = std::optional<std::span<const std::byte>>;
  const std::size_t there = bytes_.size() - begin_;
  if (there == 0 && begin_ > 0) {
    begin_ = 0;
    bytes_.clear();
    if (bytes_.capacity() > spare_bytes_max) bytes_.shrink_to_fit();
  }
  if (there < prefix_bytes) return answer{};
  std::size_t length = 0;
  for (std::size_t i = 0; i < prefix_bytes; ++i)
    length |= std::size_t{static_cast<unsigned char>(bytes_[begin_ + i])} << (8 * i);
  if (length > transport::data_frame_bytes_max)
    return fault{fault_code::too_large,
                 "a frame of " + std::to_string(length) + " bytes between daemon and spawner", ""};
  if (there < prefix_bytes + length) {
    bytes_.erase(0, begin_);
    begin_ = 0;
    return answer{};
  }
  const char* body = bytes_.data() + begin_ + prefix_bytes;
  begin_ += prefix_bytes + length;
  return answer{std::as_bytes(std::span{body, length})};
}

}  // namespace fabric::spawner
