#pragma once

#include <cstdint>
#include <string>

#include "actors/objects/shared_index.hpp"
#include "fabric/fault.hpp"
#include "scheduler/objects/answers.hpp"

/// What a user is told when the store takes no more.
namespace fabric::objects {

/// As in "1.5GiB".
std::string bytes_text(std::uint64_t bytes);

/// How much is held, by whom most, and what to do.
fault full_store(std::uint64_t size, const catalogue_usage& used, const store_limits& limits,
                 const room& space);

/// For all refusals but `full`.
fault fault_of(refusal why, const object_id& id);

}  // namespace fabric::objects
