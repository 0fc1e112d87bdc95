#pragma once

#include "actors/daemon/print.hpp"
#include "scheduler/tuner/best_trials.hpp"
#include "scheduler/tuner/study.hpp"

namespace fabric::daemon {

/// A trial as `study trials --json` and `tune --json` spell it.
json to_json(const tuner::trial& row, const tuner::space& over);

/// A number; as text where JSON lacks it: "inf", "-inf", "nan".
json number_json(double value);

/// JSON texts by key as one object.
json attributes_json(const std::map<std::string, std::string>& texts);

json to_json(const tuner::best_trials& best, const tuner::space& over);

/// "0.5", or "0.5 12" of several objectives; "-" for none.
std::string values_text(const tuner::trial& row);

/// "window=21 hash=15 opt=adam": for people.
std::string params_text(const tuner::trial& row, const tuner::space& over);

/// An attribute as people read it: a JSON string without its quotes.
std::string attribute_text(const std::string& json_text);

/// Shortest spelling that reads back as the same double.
std::string number_text(double value);

}  // namespace fabric::daemon
