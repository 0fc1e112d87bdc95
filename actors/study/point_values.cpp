#include "actors/study/point_values.hpp"

#include <chrono>

#include "scheduler/tuner/json_text.hpp"

namespace fabric::actors {

namespace {

using time = std::chrono::system_clock::time_point;

time time_of(std::int64_t ms) { return time{std::chrono::milliseconds{ms}}; }

/// What an attribute says as text: a string without its quotes.
std::string text_of(const std::string& json) { return tuner::json_unquoted(json).value_or(json); }

}  // namespace

std::vector<std::pair<std::string, parameter_value>> values_of(const tuner::space& over,
                                                               const tuner::point& where) {
  std::vector<std::pair<std::string, parameter_value>> all;
  const auto& parameters = over.parameters();
  for (std::size_t i = 0; i < where.size() && i < parameters.size(); ++i) {
    if (where[i] == tuner::inactive) continue;
    all.emplace_back(parameters[i].name, over.value_of(where, i));
  }
  return all;
}

trial_record record_of(const tuner::space& over, const tuner::trial& row) {
  trial_record made{.number = row.number,
                    .state = static_cast<trial_state>(row.state),
                    .params = values_of(over, row.where),
                    .value = row.value(),
                    .values = row.values,
                    .constraints = row.constraints,
                    .attempt = row.attempt,
                    .node = row.node,
                    .started = time_of(row.start_ms),
                    .ended = time_of(row.complete_ms),
                    .attributes = row.user_attrs};
  if (const auto error = row.user_attrs.find("error"); error != row.user_attrs.end())
    made.error = text_of(error->second);
  for (const auto& report : row.reports) made.reports.emplace_back(report.step, report.value);
  return made;
}

}  // namespace fabric::actors
