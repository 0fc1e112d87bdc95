#include "actors/store/fixed_params.hpp"

#include "actors/store/journal_record.hpp"

namespace fabric::store {

using nlohmann::json;

namespace {

json external(const tuner::space& over, const tuner::point& where, std::size_t index) {
  const auto value = over.value_of(where, index);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return read_python_json(std::get<std::string>(value));
}

std::optional<tuner::coordinate> coordinate_of(const tuner::space& over, std::size_t index,
                                               const json& value) {
  if (std::holds_alternative<tuner::category>(over.parameters()[index].over)) {
    const auto spelled = tuner::canonical_choice(text_of(value));
    return spelled ? over.coordinate_of(*spelled, index) : std::nullopt;
  }
  if (value.is_number_integer()) return over.coordinate_of(value.get<std::int64_t>(), index);
  if (value.is_number()) return over.coordinate_of(value.get<double>(), index);
  return std::nullopt;
}

}  // namespace

json fixed_params(const tuner::space& over, const tuner::point& where) {
  json fixed = json::object();
  for (std::size_t i = 0; i < over.parameters().size(); ++i) {
    if (!over.is_active(where, i)) continue;
    fixed[over.parameters()[i].name] = external(over, where, i);
  }
  return fixed;
}

std::optional<tuner::point> point_of_fixed(const tuner::space& over, const json& fixed) {
  if (!fixed.is_object()) return std::nullopt;
  tuner::point where;
  for (std::size_t i = 0; i < over.parameters().size(); ++i) {
    if (!over.is_active(where, i)) {
      where.push_back(tuner::inactive);
      continue;
    }
    const auto found = fixed.find(over.parameters()[i].name);
    const auto at = found == fixed.end() ? std::nullopt : coordinate_of(over, i, *found);
    if (!at) return std::nullopt;
    where.push_back(*at);
  }
  return where;
}

}  // namespace fabric::store
