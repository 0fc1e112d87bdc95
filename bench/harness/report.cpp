#include "bench/harness/report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace fabric::bench {

namespace {

/// Three or four figures that count: 0.123, 12.3, 1,234, 56,789.
std::string number(double value) {
  std::array<char, 64> text{};
  if (std::abs(value) < 1000) {
    const int decimals = std::abs(value) < 10 ? 3 : std::abs(value) < 100 ? 2 : 1;
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
  }
  std::snprintf(text.data(), text.size(), "%.0f", value);
  std::string digits = text.data();
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    if (digits[static_cast<std::size_t>(at - 1)] != '-')
      digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

std::string aim_text(const measurement& m) {
  if (!m.wanted) return "-";
  const std::string limit = (m.wanted->is == aim::side::at_least ? ">= " : "<= ") +
                            number(m.wanted->limit) +
                            (m.wanted->of == aim::measure::ratio ? "x" : "");
  const auto met = is_met(m);
  return limit + (!met ? "" : *met ? " met" : " MISSED");
}

using row = std::array<std::string, 7>;

row row_of(const measurement& m) {
  return {m.case_name,
          m.figure,
          number(m.value) + " " + m.unit,
          number(m.lowest) + " .. " + number(m.highest) +
              (m.p99 ? ", p99 " + number(*m.p99) + " " + m.p99_unit : ""),
          m.floor ? number(*m.floor) + " (" + m.floor_name + ")" : "-",
          m.ratio ? number(*m.ratio) + "x" : "-",
          aim_text(m)};
}

}  // namespace

std::string table_of(const std::vector<measurement>& figures) {
  std::vector<row> rows{{"case", "figure", "median", "spread", "floor", "ratio", "aim"}};
  for (const auto& m : figures) rows.push_back(row_of(m));
  std::array<std::size_t, std::tuple_size_v<row>> width{};
  for (const auto& one : rows)
    for (std::size_t i = 0; i < one.size(); ++i) width[i] = std::max(width[i], one[i].size());
  std::string text;
  for (const auto& one : rows) {
    for (std::size_t i = 0; i < one.size(); ++i)
      text += one[i] + (i + 1 < one.size() ? std::string(width[i] - one[i].size() + 2, ' ') : "\n");
  }
  return text;
}

}  // namespace fabric::bench
