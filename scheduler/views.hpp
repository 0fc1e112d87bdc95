#pragma once

#include "scheduler/state.hpp"

/// Pictures of the state for listings.
namespace fabric::scheduler {

node_view view_of(const node_entry& n);
job_view view_of(const job_entry& j);
task_view view_of(const state& s, const job_entry& j, std::uint32_t index);

/// explain.cpp
result<explanation> explain_task(const state& s, task_id id, instant now);

}  // namespace fabric::scheduler
