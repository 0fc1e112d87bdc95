#include "actors/spawner/task_table.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "actors/spawner/clocks.hpp"
#include "actors/spawner/process_tree.hpp"

namespace fabric::spawner {

namespace {

using namespace std::chrono_literals;
using transport::spawner::end_reason;
using transport::spawner::process_ended;

/// A killed process is usually gone within a millisecond and SIGCHLD tells; this is for those that
/// are not children of ours, or that forked faster than they were killed.
constexpr duration look_again_after = 20ms;

}  // namespace

void task_table::add(std::unique_ptr<task> t) {
  main_of_.emplace(t->id, t->main);
  tasks_.emplace(t->main, std::move(t));
}

task* task_table::find(pid_t main) {
  const auto it = tasks_.find(main);
  return it == tasks_.end() ? nullptr : it->second.get();
}

std::vector<pid_t> task_table::roots_of(const task& t) const {
  std::vector<pid_t> roots = orphans_.of(t.main);
  if (!t.main_gone) roots.push_back(t.main);
  return roots;
}

void task_table::end_because(task& t, end_reason why) {
  // The first reason stays: a task at its time limit may be killed by the user a moment later.
  if (t.why == end_reason::exited && !t.main_gone) t.why = why;
}

void task_table::kill(attempt_id id, duration grace, instant now) {
  const auto it = main_of_.find(id);
  if (it == main_of_.end()) return;
  task& t = *tasks_.at(it->second);
  if (t.main_gone) return;
  end_because(t, end_reason::killed);
  if (grace <= duration{0}) {
    t.kill_due = true;
    return;
  }
  t.term_due = true;
  t.kill_at = std::min(t.kill_at, later(now, grace));
}

void task_table::expire(instant now) {
  for (auto& [main, t] : tasks_) {
    if (t->limit_at <= now) {
      t->limit_at = never;
      if (t->main_gone) continue;
      end_because(*t, end_reason::timed_out);
      t->term_due = true;
      t->kill_at = std::min(t->kill_at, later(now, t->kill_grace));
    }
    if (t->kill_at <= now) {
      t->kill_at = never;
      t->kill_due = !t->main_gone;
    }
  }
}

void task_table::signal_due() {
  std::vector<pid_t> to_end;
  std::vector<pid_t> to_kill;
  bool any = false;
  for (auto& [main, t] : tasks_) any = any || t->term_due || t->kill_due;
  if (!any) return;
  orphans_.look(tasks_);
  for (auto& [main, t] : tasks_) {
    const auto roots = roots_of(*t);
    auto& list = t->kill_due ? to_kill : to_end;
    if (t->kill_due || t->term_due) list.insert(list.end(), roots.begin(), roots.end());
    if (t->kill_due && t->leaf) t->leaf->kill_all();
    t->kill_due = t->term_due = false;
  }
  if (!to_end.empty()) {
    for (const auto& member : with_descendants(all_processes(), to_end)) {
      signal_one(member, SIGTERM);
      // A stopped process would not see SIGTERM before SIGKILL comes.
      signal_one(member, SIGCONT);
    }
  }
  kill_trees(to_kill);
}

void task_table::kill_everything(end_reason why) {
  // The groups first: one call each, and no fork gets in between.
  for (auto& [main, t] : tasks_) {
    if (t->main_gone) continue;
    end_because(*t, why);
    t->kill_at = t->limit_at = never;
    ::kill(-main, SIGKILL);
    if (t->leaf) t->leaf->kill_all();
  }
  kill_trees(own_children());
}

void task_table::main_ended(task& t) {
  // Still a zombie, so its number cannot belong to another group.
  ::kill(-t.main, SIGKILL);
  if (t.leaf) t.leaf->kill_all();
  rusage used{};
  if (::wait4(t.main, &t.status, 0, &used) != t.main) return;
  t.main_gone = true;
  t.ended_ms = wall_ms();
  t.limit_at = t.kill_at = never;
  account(t, used);
}

bool task_table::reap() {
  bool any = false;
  while (true) {
    siginfo_t who{};
    if (::waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) != 0) {
      nothing_left_ = errno == ECHILD;
      return any;
    }
    nothing_left_ = false;
    if (who.si_pid == 0) return any;
    any = true;
    if (task* t = find(who.si_pid)) {
      main_ended(*t);
      continue;
    }
    rusage used{};
    ::wait4(who.si_pid, nullptr, 0, &used);
    if (const auto owner = orphans_.reaped(who.si_pid))
      if (task* t = find(*owner)) account(*t, used);
  }
}

std::vector<process_ended> task_table::settle(instant now) {
  orphans_.look(tasks_);
  std::vector<pid_t> to_kill = orphans_.ownerless();
  std::vector<pid_t> over;
  look_again_at_ = never;
  for (auto& [main, t] : tasks_) {
    if (!t->main_gone) continue;
    const auto left = orphans_.claim(main);
    to_kill.insert(to_kill.end(), left.begin(), left.end());
    const bool leaf_empty = !t->leaf || t->leaf->empty();
    if (!leaf_empty) t->leaf->kill_all();
    if (left.empty() && leaf_empty)
      over.push_back(main);
    else
      look_again_at_ = later(now, look_again_after);
  }
  kill_trees(to_kill);
  if (!to_kill.empty()) look_again_at_ = later(now, look_again_after);

  std::vector<process_ended> messages;
  for (const pid_t main : over) {
    messages.push_back(ended(*tasks_.at(main), scratch_));
    main_of_.erase(tasks_.at(main)->id);
    tasks_.erase(main);
  }
  return messages;
}

instant task_table::next_deadline() const {
  instant next = look_again_at_;
  for (const auto& [main, t] : tasks_) next = std::min({next, t->limit_at, t->kill_at});
  return next;
}

}  // namespace fabric::spawner
