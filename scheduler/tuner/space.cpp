#include "scheduler/tuner/space.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

#include "scheduler/tuner/float_grid.hpp"
#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/json_value.hpp"
#include "scheduler/tuner/space_condition.hpp"

namespace fabric::tuner {

namespace {

fault usage(std::string detail, std::string hint) {
  return {fault_code::usage, std::move(detail), std::move(hint)};
}

std::uint64_t distance(std::int64_t low, std::int64_t high) {
  return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
}

bool is_fixed(const float_range& range) { return !range.step && range.low == range.high; }

/// 0 where the number of values has no spelling in 64 bits.
std::uint64_t count_of(const int_range& range) {
  return distance(range.low, range.high) / static_cast<std::uint64_t>(range.step) + 1;
}

std::uint64_t count_of(const float_range& range) {
  if (range.step) return grid_of(range)->count;
  return is_fixed(range) ? 1 : 0;
}

std::uint64_t count_of(const category& list) { return list.choices.size(); }

bool is_whole_int64(const int_range& range) {
  return range.step == 1 && distance(range.low, range.high) == ~std::uint64_t{0};
}

bool holds(const parameter& p, std::uint64_t count, coordinate at) {
  if (const auto* range = std::get_if<float_range>(&p.over); range && count == 0) {
    const auto x = std::bit_cast<double>(at);
    return x >= range->low && x <= range->high && at != std::bit_cast<coordinate>(-0.0);
  }
  return count == 0 || at < count;
}

value value_at(const int_range& range, coordinate at) {
  const auto offset = at * static_cast<std::uint64_t>(range.step);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(range.low) + offset);
}

value value_at(const float_range& range, coordinate at) {
  if (range.step) return grid_of(range)->at(at);
  return is_fixed(range) ? range.low : std::bit_cast<double>(at);
}

value value_at(const category& list, coordinate at) { return list.choices.at(at); }

std::optional<coordinate> coordinate_at(const int_range& range, const value& v) {
  std::int64_t x = 0;
  if (const auto* whole = std::get_if<std::int64_t>(&v)) {
    x = *whole;
  } else if (const auto* real = std::get_if<double>(&v)) {
    if (!(*real >= -0x1p63 && *real < 0x1p63) || std::trunc(*real) != *real) return std::nullopt;
    x = static_cast<std::int64_t>(*real);
  } else {
    return std::nullopt;
  }
  if (x < range.low || x > range.high) return std::nullopt;
  const auto offset = distance(range.low, x);
  const auto step = static_cast<std::uint64_t>(range.step);
  if (offset % step != 0) return std::nullopt;
  return offset / step;
}

std::optional<coordinate> coordinate_at(const float_range& range, const value& v) {
  double x = 0;
  if (const auto* real = std::get_if<double>(&v)) {
    x = *real == 0 ? 0.0 : *real;
  } else if (const auto* whole = std::get_if<std::int64_t>(&v)) {
    x = static_cast<double>(*whole);
    if (x >= 0x1p63 || static_cast<std::int64_t>(x) != *whole) return std::nullopt;
  } else {
    return std::nullopt;
  }
  if (range.step) return grid_of(range)->index_of(x);
  if (!(x >= range.low && x <= range.high)) return std::nullopt;
  return is_fixed(range) ? 0 : std::bit_cast<coordinate>(x);
}

std::optional<coordinate> coordinate_at(const category& list, const value& v) {
  const auto* json = std::get_if<std::string>(&v);
  if (!json) return std::nullopt;
  const auto wanted = canonical_choice(*json);
  if (!wanted) return std::nullopt;
  const auto found = std::ranges::find(list.choices, *wanted);
  if (found == list.choices.end()) return std::nullopt;
  return static_cast<coordinate>(found - list.choices.begin());
}

std::string text_of_value(const value& v) {
  if (const auto* whole = std::get_if<std::int64_t>(&v)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&v)) return shortest_text(*real);
  const auto& json = std::get<std::string>(v);
  const bool is_composite = json.starts_with('[') || json.starts_with('{');
  const auto text = is_composite ? json : strict_json(json);
  return text.starts_with('"') ? *json_unquoted(text) : text;
}

std::string json_of_value(const value& v) {
  if (const auto* whole = std::get_if<std::int64_t>(&v)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&v)) return json_float(*real);
  return strict_json(std::get<std::string>(v));
}

}  // namespace

std::optional<std::uint64_t> parameter::cardinality() const {
  const auto count = std::visit([](const auto& range) { return count_of(range); }, over);
  return count == 0 ? std::nullopt : std::optional{count};
}

bool is_category(const parameter& p) { return std::holds_alternative<category>(p.over); }

bool is_discrete(const parameter& p) {
  if (p.cardinality()) return true;
  const auto* whole = std::get_if<int_range>(&p.over);
  return whole && is_whole_int64(*whole);
}

std::optional<coordinate> coordinate_of(const parameter& p, const value& v) {
  return std::visit([&](const auto& range) { return coordinate_at(range, v); }, p.over);
}

result<space> space::make(std::vector<parameter> parameters) {
  if (parameters.empty()) return usage("a space without parameters", "give at least one parameter");
  if (parameters.size() > parameters_max)
    return usage(std::to_string(parameters.size()) + " parameters are too many",
                 "at most " + std::to_string(parameters_max) + " fit into a space");
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (const auto sound = check(parameters[i]); !sound) return sound.error();
    if (!places.emplace(parameters[i].name, i).second)
      return usage("parameter " + spelled_name(parameters[i].name) + " is given twice",
                   "use each name once");
  }
  std::vector<space_tree::node> nodes;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    auto node = hung_up(parameters, places, i);
    if (!node) return std::move(node).error();
    nodes.push_back(std::move(*node));
  }
  space made;
  made.tree_ = space_tree(std::move(nodes));
  made.parameters_ = std::move(parameters);
  return made;
}

bool space::is_discrete() const {
  return std::ranges::all_of(parameters_, [](const auto& p) { return tuner::is_discrete(p); });
}

point space::trimmed(point p) const {
  if (!tree_.has_conditions()) return p;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!is_active(p, i)) p[i] = inactive;
  return p;
}

bool space::contains(const point& p) const {
  if (p.size() != parameters_.size()) return false;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!is_active(p, i) ? p[i] != inactive : !holds(parameters_[i], tree_.nodes()[i].count, p[i]))
      return false;
  }
  return true;
}

value space::value_of(const point& p, std::size_t parameter) const {
  return std::visit([&](const auto& range) { return value_at(range, p.at(parameter)); },
                    parameters_.at(parameter).over);
}

std::string space::text_of(const point& p, std::size_t parameter) const {
  return is_active(p, parameter) ? text_of_value(value_of(p, parameter)) : std::string{};
}

std::string space::json_of(const point& p) const {
  std::string text = "{";
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!is_active(p, i)) continue;
    if (text.size() > 1) text += ',';
    text += json_quoted(parameters_[i].name) + ':' + json_of_value(value_of(p, i));
  }
  return text + '}';
}

}  // namespace fabric::tuner
