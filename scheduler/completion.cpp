#include <utility>

#include "scheduler/flows.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

void cancel_those_that_wait_for(state& s, job_id spoiled) {
  for (job_id id : s.dependencies.doomed(spoiled)) {
    auto* j = s.jobs.find(id);
    if (j == nullptr) continue;
    j->is_blocked = false;
    cancel_job(s, *j, "job " + to_string(spoiled) + ", for which it waits, did not succeed");
  }
}

void unblock(state& s, job_id id) {
  auto& j = *s.jobs.find(id);
  refile(s, j, [&] { j.is_blocked = false; });
  if (!j.what.shape().is_array) say_changed(s, j, j.first(), 0, {});
}

void conclude(state& s, job_entry& j) {
  const job_id id = j.id;
  const bool all_succeeded = j.all_succeeded();
  leave_line(s, j);
  s.dependencies.drop(id);
  s.owned.remove(j.what.shape().owner, id);
  if (const duration limit = j.what.shape().expires_after; limit > duration{0})
    s.expiries.remove(j.submitted + limit, id);
  std::string reason;
  if (const auto found = s.reasons.find(id); found != s.reasons.end()) {
    reason = std::move(found->second);
    s.reasons.erase(found);
  }
  const class_number needs = j.needs;
  s.jobs.erase(id);
  s.line.line_changed(needs);
  s.line.part(needs);
  s.finished.job_done(id, all_succeeded);
  s.out.say(command::job_finished{id, all_succeeded, std::move(reason)});
  if (!all_succeeded) return;
  for (job_id waiting : s.dependencies.satisfied(id)) unblock(s, waiting);
}

}  // namespace

void conclude_jobs(state& s) {
  while (!s.spoiled_jobs.empty() || !s.done_jobs.empty()) {
    for (job_id id : std::exchange(s.spoiled_jobs, {})) cancel_those_that_wait_for(s, id);
    for (job_id id : std::exchange(s.done_jobs, {}))
      if (auto* j = s.jobs.find(id); j != nullptr && j->is_done()) conclude(s, *j);
  }
}

}  // namespace fabric::scheduler
