#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fabric/result.hpp"
#include "scheduler/job.hpp"

namespace fabric::store {

/// The state that a row's text names; nothing for text that no row of ours has.
std::optional<scheduler::task_state> stored_state(std::string_view text);

fault damaged_task(const std::string& path, task_id task);

}  // namespace fabric::store
