#include "fabric/task.hpp"

#include "actors/api/terms.hpp"
#include "fabric/error.hpp"

namespace fabric {

namespace detail {

namespace {
thread_local task_context* running = nullptr;
}

task_context* enter_task(task_context* context) { return std::exchange(running, context); }

task_context* current_task() { return running; }

std::string task_context::ask_owner(std::string_view, std::string) {
  throw_failure({.kind = error_kind::unsupported,
                 .what = "this task cannot ask the program that it belongs to"});
}

}  // namespace detail

bool in_task() { return detail::current_task() != nullptr; }

task_view this_task() {
  auto* context = detail::current_task();
  if (context == nullptr) detail::throw_usage("this_task is called outside of a task");
  return task_view{*context};
}

}  // namespace fabric
