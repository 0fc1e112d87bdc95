#pragma once

#include <nlohmann/json.hpp>
#include <string>

/// Records as Optuna 3.1 writes them.
namespace fabric::journal {

using nlohmann::json;

inline std::string record(int op, const std::string& worker, json fields) {
  fields["op_code"] = op;
  fields["worker_id"] = worker;
  return fields.dump();
}

inline constexpr const char* some_time = "2026-11-23T09:09:56.650230";
inline constexpr std::int64_t some_ms = 1'795'424'996'650;
inline constexpr const char* zero_to_two =
    R"({"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 2}})";

inline std::string make_study(const std::string& worker, const std::string& name) {
  return record(0, worker, {{"study_name", name}, {"directions", {1}}});
}
inline std::string make_trial(const std::string& worker, int study = 0) {
  return record(4, worker, {{"study_id", study}, {"datetime_start", some_time}});
}
inline std::string set_x(const std::string& worker, int trial, int x,
                         const std::string& distribution = zero_to_two) {
  return record(5, worker,
                {{"trial_id", trial},
                 {"param_name", "x"},
                 {"param_value_internal", static_cast<double>(x)},
                 {"distribution", distribution}});
}
inline std::string end_trial(const std::string& worker, int trial, int state, json values) {
  return record(6, worker,
                {{"trial_id", trial},
                 {"state", state},
                 {"values", std::move(values)},
                 {"datetime_complete", some_time}});
}

/// Of a trial that waits.
inline std::string start_trial(const std::string& worker, int trial) {
  return record(
      6, worker,
      {{"trial_id", trial}, {"state", 0}, {"values", nullptr}, {"datetime_start", some_time}});
}

inline std::string set_constraints(const std::string& worker, int trial, json values) {
  return record(9, worker,
                {{"trial_id", trial}, {"system_attr", {{"constraints", std::move(values)}}}});
}

/// The x that a new trial was given; -1: none.
inline int x_of(const std::string& text) {
  const auto fields = json::parse(text);
  if (!fields.contains("system_attrs")) return -1;
  return fields["system_attrs"]["fixed_params"]["x"].get<int>();
}

}  // namespace fabric::journal
