#pragma once

#include <string>
#include <string_view>

#include "fabric/detail_state.hpp"
#include "fabric/task.hpp"

namespace fabric::detail {

/// What a worker sends back: the packed result, or the packed `failure`.
struct invocation {
  bool ok = false;
  std::string bytes;
};

/// The worker's half of a call: runs the function of this name on packed arguments, as `this_task`
/// the given one. Whatever the function throws becomes a failure; this throws nothing but
/// std::bad_alloc.
invocation invoke(std::string_view name, std::string_view arguments, task_context& context);

/// What a call of bytes ended with: its value or `attempt_failure`.
void take_outcome(state_base& call, bool ok, std::string_view bytes);

/// The empty string, or which name two functions have.
std::string registry_conflict();
/// The same for classes of actors.
std::string class_conflict();

/// A mangled type name as programs spell it.
std::string demangled_name(const char* mangled);

}  // namespace fabric::detail
