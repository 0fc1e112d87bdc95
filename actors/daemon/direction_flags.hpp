#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/tuner/trial.hpp"

namespace fabric::daemon {

/// What a study's objectives are to be, as typed: --minimize and --maximize in their order, or
/// --directions.
struct direction_flags {
  std::vector<tuner::direction> directions;
  std::vector<std::string> direction_words;
};
void add_direction_flags(CLI::App& command, direction_flags& to);

/// One an objective. Faults: usage.
result<std::vector<tuner::direction>> directions_of(const direction_flags& flags);

}  // namespace fabric::daemon
