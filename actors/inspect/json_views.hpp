#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "actors/store/head_store.hpp"
#include "scheduler/engine.hpp"
#include "transport/work.hpp"

/// Spelling of the scheduler's and the store's views in JSON.
namespace fabric::actors::inspect {

using json = nlohmann::ordered_json;

/// {"cpu": 3, "gpu": 0.5, "memory": 8589934592}; cpu, gpu and memory are always there.
json to_json(const resource_set& amounts);
json to_json(const scheduler::node_view& node, instant at);

/// "17" for the one task of a job that is no array, "17.3" otherwise.
std::string task_name(task_id id, bool is_array);

/// One word for a whole job: queued, running, succeeded, failed or cancelled.
std::string_view state_of(const scheduler::job_view& job);

json to_json(const scheduler::job_view& job);
/// The immutable part of a job: name, command, resources, limits.
json description_of(const scheduler::job& what);
json to_json(const scheduler::task_view& task, bool is_array);
json to_json(const store::stored_task& task, bool is_array);

/// Adds what a report says: exit_code, signal, code, detail, times, usage, host.
void add_report(json& to, const transport::task_report& report);

/// "2026-11-23T22:08:28.123Z"; null for 0.
json time_of(std::int64_t wall_ms);

}  // namespace fabric::actors::inspect
