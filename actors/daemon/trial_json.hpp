#pragma once

#include "actors/daemon/print.hpp"
#include "scheduler/tuner/study.hpp"

namespace fabric::daemon {

/// A trial as `study trials --json` and `tune --json` spell it.
json to_json(const tuner::trial& row, const tuner::space& over);

/// "window=21 hash=15 opt=adam": for people.
std::string params_text(const tuner::trial& row, const tuner::space& over);

/// Shortest spelling that reads back as the same double.
std::string number_text(double value);

}  // namespace fabric::daemon
