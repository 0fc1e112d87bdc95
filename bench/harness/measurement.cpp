#include "bench/harness/measurement.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace fabric::bench {

using nlohmann::json;

namespace {

json or_null(const std::optional<double>& number) { return number ? json(*number) : json(nullptr); }

std::optional<double> or_nothing(const json& number) {
  if (number.is_null()) return std::nullopt;
  return number.get<double>();
}

}  // namespace

void append(std::vector<measurement>& to, const std::vector<measurement>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::optional<bool> is_met(const measurement& m) {
  if (!m.wanted) return std::nullopt;
  const auto figure = m.wanted->of == aim::measure::value ? m.value : m.ratio;
  if (!figure) return std::nullopt;
  return m.wanted->is == aim::side::at_least ? *figure >= m.wanted->limit
                                             : *figure <= m.wanted->limit;
}

bool less_is_better(const measurement& m) { return m.unit.find("/s") == std::string::npos; }

std::string number_text(double value) {
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

void to_json(json& to, const measurement& m) {
  to = {{"case", m.case_name},
        {"figure", m.figure},
        {"unit", m.unit},
        {"value", m.value},
        {"lowest", m.lowest},
        {"highest", m.highest},
        {"p99", or_null(m.p99)},
        {"p99_unit", m.p99_unit},
        {"floor", or_null(m.floor)},
        {"floor_name", m.floor_name},
        {"ratio", or_null(m.ratio)},
        {"aim", nullptr},
        {"met", nullptr},
        {"published", nullptr},
        {"point", nullptr},
        {"extra", m.extra}};
  if (m.wanted)
    to["aim"] = {{"of", m.wanted->of == aim::measure::ratio ? "ratio" : "value"},
                 {"is", m.wanted->is == aim::side::at_least ? "at least" : "at most"},
                 {"limit", m.wanted->limit}};
  if (const auto met = is_met(m)) to["met"] = *met;
  if (const auto& p = m.published)
    to["published"] = {{"system", p->system},
                       {"value", p->value},
                       {"unit", p->unit},
                       {"machine", p->machine},
                       {"source", p->source}};
  if (const auto& p = m.point) to["point"] = {{"line", p->line}, {"along", p->along}, {"x", p->x}};
}

void from_json(const json& from, measurement& m) {
  from.at("case").get_to(m.case_name);
  from.at("figure").get_to(m.figure);
  from.at("unit").get_to(m.unit);
  from.at("value").get_to(m.value);
  from.at("lowest").get_to(m.lowest);
  from.at("highest").get_to(m.highest);
  m.p99 = or_nothing(from.at("p99"));
  from.at("p99_unit").get_to(m.p99_unit);
  m.floor = or_nothing(from.at("floor"));
  from.at("floor_name").get_to(m.floor_name);
  m.ratio = or_nothing(from.at("ratio"));
  from.at("extra").get_to(m.extra);
  if (const auto& wanted = from.at("aim"); !wanted.is_null())
    m.wanted = aim{wanted.at("of") == "ratio" ? aim::measure::ratio : aim::measure::value,
                   wanted.at("is") == "at least" ? aim::side::at_least : aim::side::at_most,
                   wanted.at("limit").get<double>()};
  if (const auto& p = from.at("published"); !p.is_null())
    m.published = published_figure{p.at("system"), p.at("value"), p.at("unit"), p.at("machine"),
                                   p.at("source")};
  if (const auto& p = from.at("point"); !p.is_null())
    m.point = curve_point{p.at("line"), p.at("along"), p.at("x")};
}

}  // namespace fabric::bench
