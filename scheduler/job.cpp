#include "scheduler/job.hpp"

#include <array>

namespace fabric::scheduler {

std::string_view name_of(task_state s) {
  static constexpr std::array<std::string_view, 10> names = {
      "blocked",   "queued", "backing_off", "granted",  "running",
      "succeeded", "failed", "cancelled",   "poisoned", "expired"};
  return names.at(static_cast<std::size_t>(s));
}

std::string_view name_of(ending e) {
  static constexpr std::array<std::string_view, 8> names = {"succeeded", "failed",     "crashed",
                                                            "timed_out", "cancelled",  "preempted",
                                                            "lost",      "unstartable"};
  return names.at(static_cast<std::size_t>(e));
}

}  // namespace fabric::scheduler
