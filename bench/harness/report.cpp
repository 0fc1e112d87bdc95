#include "bench/harness/report.hpp"

#include <algorithm>
#include <array>

namespace fabric::bench {

namespace {

std::string aim_text(const measurement& m) {
  if (!m.wanted) return "-";
  const std::string limit = (m.wanted->is == aim::side::at_least ? ">= " : "<= ") +
                            number_text(m.wanted->limit) +
                            (m.wanted->of == aim::measure::ratio ? "x" : "");
  const auto met = is_met(m);
  return limit + (!met ? "" : *met ? " met" : " MISSED");
}

std::string published_text(const measurement& m) {
  if (!m.published) return "-";
  return m.published->system + " " + number_text(m.published->value) + " " + m.published->unit;
}

using row = std::array<std::string, 8>;

row row_of(const measurement& m) {
  return {m.case_name,
          m.figure,
          number_text(m.value) + " " + m.unit,
          number_text(m.lowest) + " .. " + number_text(m.highest) +
              (m.p99 ? ", p99 " + number_text(*m.p99) + " " + m.p99_unit : ""),
          m.floor ? number_text(*m.floor) + " (" + m.floor_name + ")" : "-",
          m.ratio ? number_text(*m.ratio) + "x" : "-",
          aim_text(m),
          published_text(m)};
}

}  // namespace

std::string table_of(const std::vector<measurement>& figures) {
  std::vector<row> rows{
      {"case", "figure", "median", "spread", "floor", "ratio", "aim", "published"}};
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
