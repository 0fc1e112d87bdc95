#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fabric/fault.hpp"
#include "scheduler/tuner/best_trials.hpp"
#include "scheduler/tuner/space.hpp"

/// What people read of a study's best trials.
namespace fabric::daemon {

/// The front of several objectives as a table: the trial, its values, where it ran, its parameters.
std::string front_text(const tuner::best_trials& best,
                       const std::vector<tuner::direction>& directions, const tuner::space& over);

/// Why none of the trials is best: none is complete, or none feasible.
std::string why_no_best(const std::vector<tuner::trial>& trials);

}  // namespace fabric::daemon
