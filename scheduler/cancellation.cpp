#include "scheduler/flows.hpp"
#include "scheduler/mutant.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

void cancel_waiting_tasks(state& s, job_entry& j) {
  const bool tells_of_fresh = j.fresh > 0 && !j.what.shape().is_array;
  s.count.finished += j.fresh;
  refile(s, j, [&] {
    j.is_cancelled = true;
    j.is_blocked = false;
    auto& p = j.progressed();
    p.cancelled += j.fresh;
    j.fresh = 0;
  });
  s.dependencies.drop(j.id);
  if (tells_of_fresh) say_changed(s, j, j.first(), 0, {});
  std::vector<std::uint32_t> waiting;
  for (const auto& [index, task] : j.progress->touched)
    if (task.state == task_state::queued || task.state == task_state::backing_off)
      waiting.push_back(index);
  for (std::uint32_t index : waiting)
    finish_task(s, j, index,
                {task_state::cancelled, j.touched(index)->attempt, false, {}, {}, true});
}

std::string count_of(std::size_t n, std::string_view what) {
  return std::to_string(n) + " task" + (n == 1 ? " " : "s ") + std::string(what);
}

std::string note_on(const job_entry& j) {
  std::string note = "cancelled";
  if (j.held() > 0) note += "; " + count_of(j.held(), "still being stopped");
  const std::size_t before = j.progress->succeeded + j.progress->failed;
  if (before > 0) note += "; " + count_of(before, "had ended before");
  return note;
}

void answer_for_ended(state& s, const event::cancel_requested& e) {
  const auto verdict = s.finished.verdict(e.what.job);
  if (verdict)
    s.out.say(command::request_done{e.from, *verdict ? "already succeeded" : "already ended"});
  else
    s.out.say(command::request_refused{
        e.from,
        {fault_code::not_found, "job " + to_string(e.what.job) + " is not known",
         "fabricd list jobs shows those that are"}});
}

bool is_held(state& s, const job_entry& j, const job_or_task& what) {
  if (!what.index) return j.held() > 0;
  return s.leases.find({j.id, *what.index}) != nullptr;
}

/// Waiting tasks are final at once. A held one may still succeed, and the wish to cancel one task
/// has no row in the store: the answer is given when it has ended.
void cancel_task(state& s, job_entry& j, std::uint32_t index, const event::asker& from) {
  const task_state how = j.state_of(index);
  if (is_final(how)) {
    s.out.say(command::request_done{from, "already " + std::string(name_of(how))});
    return;
  }
  if (auto* l = s.leases.find({j.id, index})) {
    l->cancel_askers.push_back(from);
    revoke_lease(s, *l, ending::cancelled);
    return;
  }
  const auto* task = j.touched(index);
  const attempt_number attempt = task != nullptr ? task->attempt : 0;
  finish_task(s, j, index, {task_state::cancelled, attempt, false, {}, {}});
  s.out.say(command::request_done{from, "cancelled"});
}

}  // namespace

void cancel_job(state& s, job_entry& j, const std::string& reason) {
  if (j.is_cancelled) return;
  s.reasons[j.id] = reason;
  s.spoiled_jobs.push_back(j.id);
  s.out.keep(record::job_cancelled{j.id, reason});
  cancel_waiting_tasks(s, j);
  if (j.is_done()) s.done_jobs.push_back(j.id);
  if (mutant::is_on("cancel_forgets_held")) return;
  for (auto& [index, task] : j.progress->touched)
    if (auto* l = s.leases.find({j.id, index})) revoke_lease(s, *l, ending::cancelled);
}

void on(state& s, const event::cancel_requested& e) {
  auto* j = s.jobs.find(e.what.job);
  if (j == nullptr) return answer_for_ended(s, e);
  if (e.on == event::cancel_requested::when::unless_held && is_held(s, *j, e.what)) {
    s.out.say(command::request_done{e.from, "held by a node, so it goes on"});
    return;
  }
  if (e.what.index) {
    if (j->has_index(*e.what.index) && j->count() > 1)
      return cancel_task(s, *j, *e.what.index, e.from);
    if (!j->has_index(*e.what.index)) {
      s.out.say(command::request_refused{
          e.from,
          {fault_code::not_found,
           "job " + to_string(j->id) + " has no task " + std::to_string(*e.what.index),
           "its tasks are " + std::to_string(j->first()) + " to " +
               std::to_string(j->first() + (j->count() - 1))}});
      return;
    }
  }
  cancel_job(s, *j, "on request");
  s.out.say(command::request_done{e.from, note_on(*j)});
}

void on(state& s, const event::owner_gone& e) {
  for (job_id id : s.owned.of(e.program))
    if (auto* j = s.jobs.find(id))
      cancel_job(s, *j, "the program that owned it, " + to_string(e.program) + ", is gone");
}

}  // namespace fabric::scheduler
