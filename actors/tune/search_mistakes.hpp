#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "fabric/result.hpp"
#include "scheduler/tuner/trial.hpp"
#include "transport/message.hpp"

/// What is wrong with how a search was started, as its first results show: it ends with that, and
/// its points are given back. All are faults of usage.
namespace fabric::actors {

/// A result with so many values, where none was right before.
fault wrong_count(std::size_t values, std::span<const tuner::direction> directions);

/// The command could not be started; nothing where it ran.
std::optional<fault> not_begun(const transport::task_finished& end);

/// Commands ended well, and `lack` says of the last one why no value was found in `output`.
fault no_values(const fault& lack, std::string_view output);

}  // namespace fabric::actors
