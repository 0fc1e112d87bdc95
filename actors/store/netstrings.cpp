#include "actors/store/netstrings.hpp"

#include <charconv>

namespace fabric::store {

std::string pack(const std::vector<std::string_view>& items) {
  std::string text;
  for (const auto item : items) {
    text.append(std::to_string(item.size())).append(":").append(item);
  }
  return text;
}

std::optional<std::vector<std::string_view>> unpack(std::string_view text) {
  std::vector<std::string_view> items;
  while (!text.empty()) {
    std::size_t size = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (problem != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty() || text.front() != ':') return std::nullopt;
    text.remove_prefix(1);
    if (size > text.size()) return std::nullopt;
    items.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return items;
}

}  // namespace fabric::store
