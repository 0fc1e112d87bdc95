#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fabric/study.hpp"
#include "scheduler/tuner/trial.hpp"

/// Points and trials of the core as programs see them.
namespace fabric::actors {

std::vector<std::pair<std::string, parameter_value>> values_of(const tuner::space& over,
                                                               const tuner::point& where);
trial_record record_of(const tuner::space& over, const tuner::trial& row);

}  // namespace fabric::actors
