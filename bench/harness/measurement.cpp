#include "bench/harness/measurement.hpp"

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

std::optional<bool> is_met(const measurement& m) {
  if (!m.wanted) return std::nullopt;
  const auto figure = m.wanted->of == aim::measure::value ? m.value : m.ratio;
  if (!figure) return std::nullopt;
  return m.wanted->is == aim::side::at_least ? *figure >= m.wanted->limit
                                             : *figure <= m.wanted->limit;
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
        {"extra", m.extra}};
  if (m.wanted)
    to["aim"] = {{"of", m.wanted->of == aim::measure::ratio ? "ratio" : "value"},
                 {"is", m.wanted->is == aim::side::at_least ? "at least" : "at most"},
                 {"limit", m.wanted->limit}};
  if (const auto met = is_met(m)) to["met"] = *met;
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
}

}  // namespace fabric::bench
