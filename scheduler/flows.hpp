#pragma once

#include <string>

#include "scheduler/state.hpp"

/// What happens on each event. One file for each family.
namespace fabric::scheduler {

// submission.cpp
void on(state& s, const event::job_submitted& e);
/// The empty result, or why the job cannot be taken whatever the cluster looks like.
result<void> check_job(const job& what);

// cancellation.cpp
void on(state& s, const event::cancel_requested& e);
/// Every task that is not final is cancelled: waiting ones at once, held ones when they end.
void cancel_job(state& s, job_entry& j, const std::string& reason);

// membership.cpp
void on(state& s, const event::node_joined& e);
void on(state& s, const event::node_heartbeat& e);
void on(state& s, const event::session_lost& e);
void on(state& s, const event::node_left& e);

// reports.cpp
void on(state& s, const event::attempt_started& e);
void on(state& s, const event::attempt_declined& e);
void on(state& s, const event::attempt_ended& e);

// cancellation.cpp
void on(state& s, const event::owner_gone& e);

// lending.cpp
void on(state& s, const event::lease_lent& e);
void on(state& s, const event::lease_claimed& e);
/// What the lease takes of its node's stock, but for its GPUs.
[[nodiscard]] demand held_by(const lease& l);
/// Claims of the node that can be met now, in their order.
void serve_claims(state& s, node_entry& n);
/// The attempt is over: its claim, if any, is answered.
void forget_claim(state& s, node_entry& n, task_id task);

// draining.cpp
void on(state& s, const event::drain_requested& e);
void on(state& s, const event::forget_requested& e);
/// The drain's patience is over: what still runs is handed back.
void hand_back(state& s, node_entry& n);

// due.cpp
/// Everything whose time has come.
void do_what_is_due(state& s);
[[nodiscard]] instant next_wakeup(const state& s);

// completion.cpp
/// Jobs that became final in this step: their verdicts, and what that means for jobs that wait.
void conclude_jobs(state& s);

// placing.cpp
/// Grants for as long as something waits that fits.
void place_all(state& s);

// saving.cpp
/// Keeps a node free for demands that starve, and lets go of those that no longer do. True where
/// something changed.
bool tend_savings(state& s);
void stop_saving(state& s, class_number number);
/// When the class next wants to look for a node to save; `never` if it does not.
[[nodiscard]] instant saving_due(const state& s, class_number number);

// pressure.cpp
/// Looks whether somebody waits for what programs hold.
void watch_pressure(state& s);
/// Tells those programs.
void press(state& s);

// restoring.cpp
void restore_into(state& s, snapshot from);

}  // namespace fabric::scheduler
