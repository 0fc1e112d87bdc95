#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fabric::transport {

/// A `program::channel_frame` as it is written: the messages stay where they lie.
struct outgoing_frame {
  std::uint64_t first = 0;
  std::uint64_t acknowledged = 0;
  std::vector<std::string_view> messages;

  static void describe(auto& m, auto&& field) {
    field(1, m.first);
    field(2, m.acknowledged);
    field(3, m.messages);
  }
};

std::string encode(const outgoing_frame& frame);

}  // namespace fabric::transport
