#include "scheduler/finished.hpp"

namespace fabric::scheduler {

namespace {

/// Most tasks end with their first attempt, and most cancelled ones before it: these need no entry.
attempt_number usual_attempt(task_state how) {
  return how == task_state::cancelled || how == task_state::expired ? 0 : 1;
}

}  // namespace

void finished_index::note(job_id id, verdict_byte what) {
  if (verdicts_.size() <= id.value) verdicts_.resize(id.value + 1, verdict_byte::none);
  verdicts_[id.value] = what;
}

void finished_index::job_done(job_id id, bool all_succeeded) {
  note(id, all_succeeded ? verdict_byte::succeeded : verdict_byte::mixed);
}

void finished_index::job_was_done(job_id id, bool all_succeeded) {
  note(id, all_succeeded ? verdict_byte::was_succeeded : verdict_byte::was_mixed);
}

void finished_index::task_done(task_id id, task_state how, attempt_number latest,
                               attempt_number recorded) {
  const bool is_never_asked_for = recorded == 0 && latest == 0;
  if (recorded == usual_attempt(how) && (recorded > 0 || is_never_asked_for)) return;
  odd_ones_[id] = recorded;
  if (odd_ones_.size() > odd_ones_max) odd_ones_.erase(odd_ones_.begin());
}

std::optional<bool> finished_index::verdict(job_id id) const {
  if (id.value >= verdicts_.size() || verdicts_[id.value] == verdict_byte::none)
    return std::nullopt;
  const auto byte = verdicts_[id.value];
  return byte == verdict_byte::succeeded || byte == verdict_byte::was_succeeded;
}

attempt_number finished_index::recorded(task_id id, task_state how) const {
  const auto odd = odd_ones_.find(id);
  return odd == odd_ones_.end() ? usual_attempt(how) : odd->second;
}

bool finished_index::may_be_recorded(attempt_id id) const {
  const std::uint64_t job = id.task.job.value;
  if (job >= verdicts_.size() || verdicts_[job] == verdict_byte::none) return false;
  if (verdicts_[job] == verdict_byte::was_mixed || verdicts_[job] == verdict_byte::was_succeeded)
    return true;
  return recorded(id.task, task_state::succeeded) == id.attempt;
}

}  // namespace fabric::scheduler
