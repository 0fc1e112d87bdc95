#pragma once

#include <string>

#include "scheduler/state.hpp"

/// The changes that touch more than one table, each in one place. Everything above (submission,
/// membership, reports, cancellation, placing) is made of these.
namespace fabric::scheduler {

/// Changes a job and then puts it where it now belongs in its line.
template <class Change>
void refile(state& s, job_entry& j, Change change);
void leave_line(state& s, job_entry& j);
/// Where it stands, or would stand.
[[nodiscard]] standing standing_of(const state& s, const job_entry& j);
/// The job, which is not in its line now, held `before` until now: its owner's others stand
/// elsewhere.
void count_held(state& s, const job_entry& j, std::size_t before);
void enter_line(state& s, job_entry& j);

/// The end of a task, whatever the cause.
struct final_word {
  task_state how = task_state::succeeded;
  attempt_number attempt = 0;  ///< the latest made
  bool is_reported = false;    ///< the attempt's own report is what is recorded
  node_id node;
  std::string report;
  bool is_on_record = false;  ///< another record of this step says it: job_cancelled
};
/// Records the final state. Precondition: not held (drop its lease first) and not final.
void finish_task(state& s, job_entry& j, std::uint32_t index, final_word word);

/// Records that the task, just let go, waits again: at once, or after `wait`.
void requeue_task(state& s, job_entry& j, std::uint32_t index, duration wait);

/// Takes the lease off the books: the node's resources are free again. Answers who is to be told
/// how it ended. The task's own state is the caller's next step.
std::vector<event::asker> drop_lease(state& s, const lease& l);

/// The attempt ended without a result that counts, through no fault of its own.
void release_as_lost(state& s, lease& l);
/// The same, but the machine went down and this task may be why.
void release_as_suspect(state& s, lease& l);

/// Asks the node to stop it, and asks again until it ends.
void revoke_lease(state& s, lease& l, ending because);
/// Sends whatever the lease has to tell the node now (grant or revocation) and sets the timer.
void send_lease(state& s, lease& l);

void say_changed(state& s, const job_entry& j, std::uint32_t index, attempt_number attempt,
                 node_id node, std::string report = {});
void answer_askers(state& s, const std::vector<event::asker>& askers, const std::string& note);

/// Call when a node's resources, session or openness changed.
inline void mark(state& s, const node_entry& n) { s.changed_nodes.insert(n.id); }
/// Brings timers and fit indexes up to date with the node.
void refresh(state& s, node_entry& n);
/// Takes a node that holds nothing off the table. `why`: as in command::node_changed.
void remove_node(state& s, node_entry& n, std::string_view why);

/// How the class likes the node now; nothing where it may not go there.
std::optional<placement_score> score_now(const state& s, class_number number, const node_entry& n);
/// True where some known node could run this if nothing else ran there.
bool could_run_somewhere(state& s, class_number number);

template <class Change>
void refile(state& s, job_entry& j, Change change) {
  leave_line(s, j);
  const std::size_t waited = j.waiting();
  const std::size_t held = j.held();
  change();
  s.count.waiting = s.count.waiting - waited + j.waiting();
  if (j.held() != held) count_held(s, j, held);
  enter_line(s, j);
}

}  // namespace fabric::scheduler
