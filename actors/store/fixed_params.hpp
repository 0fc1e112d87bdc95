#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "scheduler/tuner/space.hpp"

/// Points as Optuna's `fixed_params` have them: the values themselves by name, of the parameters
/// that the point has.
namespace fabric::store {

nlohmann::json fixed_params(const tuner::space& over, const tuner::point& where);

/// Nothing where a parameter is missing or lies outside of its range. One that the others leave out
/// is passed over, as Optuna does with one that is never asked for.
std::optional<tuner::point> point_of_fixed(const tuner::space& over, const nlohmann::json& fixed);

}  // namespace fabric::store
