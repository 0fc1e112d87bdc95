#include "actors/daemon/duration_text.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace fabric::daemon {

result<duration> parse_duration(std::string_view text, std::string_view what) {
  const auto wrong = [&] {
    return fault{fault_code::usage,
                 std::string{what} + " '" + std::string{text} + "' is no duration",
                 "write it as in 500ms, 10s, 5min, 2h or 1d"};
  };
  constexpr std::array<std::pair<std::string_view, double>, 8> units = {{{"", 1.0},
                                                                         {"ms", 1e-3},
                                                                         {"s", 1.0},
                                                                         {"m", 60.0},
                                                                         {"min", 60.0},
                                                                         {"h", 3600.0},
                                                                         {"d", 86400.0},
                                                                         {"us", 1e-6}}};
  constexpr double longest = 10.0 * 366 * 86400;
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number,
                                             std::chars_format::fixed);
  if (error != std::errc{} || text.empty() || text.front() == '-') return wrong();
  const std::string_view unit{rest, static_cast<std::size_t>(text.data() + text.size() - rest)};
  for (const auto& [name, seconds] : units)
    if (unit == name) {
      const double total = number * seconds;
      if (!(total <= longest)) return wrong();
      return duration{static_cast<std::int64_t>(total * 1e6)};
    }
  return wrong();
}

std::string to_text(duration d) {
  const double seconds = static_cast<double>(d.count()) / 1e6;
  std::array<char, 32> text{};
  if (seconds < 1)
    std::snprintf(text.data(), text.size(), "%.0f ms", seconds * 1e3);
  else if (seconds < 120)
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  else if (seconds < 7200)
    std::snprintf(text.data(), text.size(), "%.0f min", seconds / 60);
  else
    std::snprintf(text.data(), text.size(), "%.1f h", seconds / 3600);
  return text.data();
}

}  // namespace fabric::daemon
