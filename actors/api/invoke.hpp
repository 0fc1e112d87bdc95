#pragma once

#include <memory>
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

/// Of the exception that is being handled, which a value threw while it was packed or unpacked: of
/// this kind, "its result cannot be packed: ..." for `what` "its result cannot be packed". Errors
/// of this library (there is no room for an object, say) stay what they are.
std::unique_ptr<failure> caught_packing(error_kind kind, std::string_view what);

/// What a call of bytes ended with: its value or `attempt_failure`.
void take_outcome(state_base& call, bool ok, std::string_view bytes);

/// The empty string, or which name two functions have.
std::string registry_conflict();
/// The same for classes of actors.
std::string class_conflict();

/// A mangled type name as programs spell it.
std::string demangled_name(const char* mangled);

}  // namespace fabric::detail
