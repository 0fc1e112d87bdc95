#pragma once

#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/tuner/space.hpp"
#include "scheduler/tuner/trial.hpp"
#include "transport/work.hpp"

namespace fabric::actors {

/// Every {name} in the words must be a parameter or "trial"; `${name}` belongs to the shell and is
/// left alone. Faults: usage, naming the placeholder and the parameters.
result<void> check_placeholders(const std::vector<std::string>& words, const tuner::space& over);

/// No parameter may be called `trial`, because {trial} means something else. Faults: usage.
result<void> check_names(const tuner::space& over);

/// The template's command with the point in its {placeholders}, in $FABRIC_PARAM_name where the
/// name is plain, and in $FABRIC_PARAMS (JSON).
transport::command_work work_for(const transport::command_work& pattern, const tuner::space& over,
                                 const tuner::point& where, tuner::trial_number number);

}  // namespace fabric::actors
