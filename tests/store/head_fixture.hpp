#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "actors/store/head_store.hpp"
#include "tests/store/scratch_folder.hpp"

namespace fabric::store {

namespace rec = scheduler::record;
using scheduler::record_type;
using scheduler::task_state;

inline std::shared_ptr<const scheduler::job> a_job(std::uint32_t count = 1, std::string key = "") {
  auto what = std::make_shared<scheduler::job>();
  what->name = "train";
  what->key = std::move(key);
  what->submitter = "0123abcd";
  what->payload = std::string("argv\0\xff", 6);
  what->count = count;
  what->is_array = count != 1;
  return what;
}

inline record_type added(std::uint64_t id, std::uint32_t count = 1, std::string key = "") {
  return rec::job_added{job_id{id}, a_job(count, std::move(key))};
}
inline record_type granted(std::uint64_t job, std::uint32_t index, attempt_number attempt,
                           std::uint64_t node = 5) {
  return rec::attempt_granted{{{job_id{job}, index}, attempt}, node_id{node}, {}};
}
inline record_type ended(std::uint64_t job, std::uint32_t index, attempt_number attempt,
                         task_state state = task_state::succeeded) {
  return rec::task_finished{{job_id{job}, index}, state, attempt, node_id{5}, 0, 0, "report"};
}
inline record_type released(std::uint64_t job, std::uint32_t index, attempt_number attempt) {
  return rec::task_released{{job_id{job}, index}, attempt, 1, 1, 0};
}

inline std::string rendered(const scheduler::snapshot& s) {
  std::string text;
  for (const auto& job : s.jobs) {
    text += "live " + to_string(job.id) + (job.cancelled ? " cancelled" : "");
    for (const auto& task : job.touched) {
      text += " " + std::to_string(task.index) + ":" + std::string(name_of(task.state)) + "#" +
              std::to_string(task.attempt);
    }
    text += "\n";
  }
  for (const auto& job : s.finished) {
    text += "finished " + to_string(job.id) + (job.all_succeeded ? " well" : " not well") + "\n";
  }
  return text;
}

}  // namespace fabric::store
