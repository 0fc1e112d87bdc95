#pragma once

#include <string_view>

#include "fabric/actor.hpp"
#include "fabric/demand.hpp"
#include "fabric/fault.hpp"

namespace fabric::detail {

// These throw usage_error where an option makes no sense, naming it and its value.
void check_actor_options(const actor_options& how, const class_entry& of);
void check_restart_rules(const restart_rules& rules);
void check_call_options(const actor_call_options& how);
demand demand_of_actor(const actor_options& how);

/// What a claim or search for a name failed of.
[[noreturn]] void throw_fault_of_name(const fault& why, std::string_view name);

}  // namespace fabric::detail
