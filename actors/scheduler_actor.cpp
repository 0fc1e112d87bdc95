#include "actors/scheduler_actor.hpp"

#include <spdlog/spdlog.h>

#include <deque>
#include <utility>

#include "actors/clock.hpp"
#include "actors/inspect/questions.hpp"

namespace fabric::actors {

namespace {

constexpr duration probe_interval = std::chrono::seconds{1};

/// A step's commands that wait for its records.
struct pending_batch {
  std::uint64_t number = 0;
  bool stored = false;
  std::vector<scheduler::command_type> commands;
};

struct scheduler_state {
  scheduler_options how;
  std::optional<scheduler::engine> core;
  store_actor store;
  gateway_actor gateway;
  std::deque<pending_batch> pending;
  std::uint64_t last_batch = 0;
  std::uint64_t alarm = 0;
  instant alarm_at = never;
  /// Set while the disk is full: reads are served, everything else is refused.
  std::optional<fault> read_only;
  bool reloading = false;
};

struct boot {
  scheduler_options how;
  scheduler::engine core;
  store_actor store;
};

using scheduler_self = scheduler_actor::stateful_pointer<scheduler_state>;

void set_alarm(scheduler_self self) {
  auto& s = self->state;
  instant due = s.read_only ? now() + probe_interval : s.core->next_wakeup();
  // An earlier alarm looks again: nearly every step moves what is due next a little further away.
  if (due == never || (s.alarm_at != never && s.alarm_at <= due)) return;
  s.alarm_at = due;
  const auto wait = std::max(duration{0}, due - now());
  self->delayed_send(self, wait, wake_up{++s.alarm});
}

void release_stored(scheduler_self self) {
  auto& s = self->state;
  carry_out out;
  while (!s.pending.empty() && s.pending.front().stored) {
    auto& ready = s.pending.front().commands;
    if (out.commands.empty())
      out.commands = std::move(ready);
    else
      std::move(ready.begin(), ready.end(), std::back_inserter(out.commands));
    s.pending.pop_front();
  }
  if (!out.commands.empty()) self->send(s.gateway, std::move(out));
}

/// Splits a step's commands into records and the rest, and puts both on their way.
void dispatch(scheduler_self self, std::vector<scheduler::command_type> commands) {
  auto& s = self->state;
  std::vector<scheduler::record_type> records;
  pending_batch batch{.number = ++s.last_batch};
  for (auto& command : commands) {
    if (auto* row = std::get_if<scheduler::command::persist>(&command))
      records.push_back(std::move(row->what));
    else
      batch.commands.push_back(std::move(command));
  }
  if (records.empty() && batch.commands.empty()) return;
  batch.stored = records.empty();
  const auto number = batch.number;
  s.pending.push_back(std::move(batch));
  if (!records.empty())
    self->send(s.store, commit{number, std::move(records)}, scheduler_actor{self});
  release_stored(self);
}

void feed(scheduler_self self, std::vector<scheduler::event_type> events) {
  auto& s = self->state;
  std::vector<scheduler::command_type> all;
  const instant at = now();
  for (const auto& what : events) {
    auto commands = s.core->step(what, at);
    std::move(commands.begin(), commands.end(), std::back_inserter(all));
  }
  dispatch(self, std::move(all));
  set_alarm(self);
}

/// The answer to an event that cannot be taken while the disk is full.
void refuse(scheduler_self self, const scheduler::event_type& what) {
  auto& s = self->state;
  carry_out out;
  if (const auto* submit = std::get_if<scheduler::event::job_submitted>(&what))
    out.commands.emplace_back(scheduler::command::request_refused{submit->from, *s.read_only});
  else if (const auto* cancel = std::get_if<scheduler::event::cancel_requested>(&what))
    out.commands.emplace_back(scheduler::command::request_refused{cancel->from, *s.read_only});
  else if (const auto* drain = std::get_if<scheduler::event::drain_requested>(&what))
    out.commands.emplace_back(scheduler::command::request_refused{drain->from, *s.read_only});
  else if (const auto* forget = std::get_if<scheduler::event::forget_requested>(&what))
    out.commands.emplace_back(scheduler::command::request_refused{forget->from, *s.read_only});
  if (!out.commands.empty()) self->send(s.gateway, std::move(out));
}

void start_reload(scheduler_self self) {
  auto& s = self->state;
  s.pending.clear();
  if (s.reloading) return;
  s.reloading = true;
  self->send(s.store, reload{}, scheduler_actor{self});
}

void commit_failed(scheduler_self self, const fault& why) {
  auto& s = self->state;
  spdlog::error("store: {}", to_line(why));
  if (why.code != fault_code::store_full) {
    s.how.give_up(why);
    return;
  }
  // Whoever waits for an answer of a dropped batch hears that nothing was stored.
  carry_out out;
  for (const auto& batch : s.pending)
    for (const auto& command : batch.commands)
      if (const auto* accepted = std::get_if<scheduler::command::job_accepted>(&command))
        out.commands.emplace_back(scheduler::command::request_refused{accepted->to, why});
  if (!out.commands.empty()) self->send(s.gateway, std::move(out));
  s.read_only = why;
  start_reload(self);
}

void adopt(scheduler_self self, reloaded& what) {
  auto& s = self->state;
  s.reloading = false;
  s.alarm_at = never;
  if (what.failed) {
    s.how.give_up(*what.failed);
    return;
  }
  s.core = scheduler::engine::restore(s.how.how, std::move(*what.content), now());
  self->send(s.gateway, drop_sessions{s.read_only.value_or(
                            fault{fault_code::busy, "the head reloaded its store", ""})});
  set_alarm(self);
}

void tick(scheduler_self self, std::uint64_t number) {
  auto& s = self->state;
  if (number != s.alarm || s.reloading) return;
  s.alarm_at = never;
  if (s.read_only) {
    self->send(s.store, probe{++s.last_batch, scheduler_actor{self}});
    return;
  }
  feed(self, {scheduler::event::ticked{}});
}

}  // namespace

scheduler_actor spawn_scheduler(caf::actor_system& system, scheduler_options how,
                                scheduler::engine core, store_actor store) {
  // CAF runs the body later, on a thread of its own, and copies arguments: an engine moves in a
  // box.
  auto box = std::make_shared<boot>(boot{std::move(how), std::move(core), std::move(store)});
  return system.spawn([box](scheduler_self self) -> scheduler_actor::behavior_type {
    auto& s = self->state;
    s.how = std::move(box->how);
    s.core.emplace(std::move(box->core));
    s.store = std::move(box->store);
    return {
        [self](happened& what) {
          auto& st = self->state;
          if (st.reloading) return;  // the sessions they came from are about to be dropped
          if (st.read_only) {
            for (const auto& event : what.events) refuse(self, event);
            return;
          }
          feed(self, std::move(what.events));
        },
        [self](const committed& what) {
          auto& st = self->state;
          if (what.failed) {
            if (st.read_only && !st.reloading) {
              set_alarm(self);
            } else if (!st.reloading) {
              commit_failed(self, *what.failed);
            }
            return;
          }
          for (auto& batch : st.pending)
            if (batch.number == what.number) batch.stored = true;
          if (st.read_only && !st.reloading) {
            spdlog::info("store: there is space again; writes are accepted");
            st.read_only.reset();
          }
          release_stored(self);
          set_alarm(self);
        },
        [self](reloaded& what) { adopt(self, what); },
        [self](const question& what) {
          auto& st = self->state;
          const inspect::context context{*st.core,     st.how.about, st.how.warnings,
                                         st.read_only, now(),        wall_ms()};
          if (auto order = inspect::order_of(context, what)) {
            if (!*order)
              self->send(st.gateway, reply{what.from, "", std::move(order->error())});
            else if (st.read_only)
              self->send(st.gateway, reply{what.from, "", st.read_only});
            else if (!st.reloading)
              feed(self, {std::move(**order)});
            return;
          }
          auto found = inspect::answer(context, what);
          if (auto* ready = std::get_if<reply>(&found)) {
            self->send(st.gateway, std::move(*ready));
            return;
          }
          auto look_up = std::move(std::get<inspect::stored_answer>(found));
          auto gateway = st.gateway;
          self->send(st.store, store_job{[look_up, gateway](store::head_store& rows) {
                       caf::anon_send(gateway, look_up(rows));
                     }});
        },
        [self](const locate_log& what) {
          auto& st = self->state;
          auto found = inspect::locate(*st.core, what);
          if (auto* ready = std::get_if<log_located>(&found)) {
            self->send(st.gateway, std::move(*ready));
            return;
          }
          auto look_up = std::move(std::get<inspect::stored_location>(found));
          auto gateway = st.gateway;
          self->send(st.store, store_job{[look_up, gateway](store::head_store& rows) {
                       caf::anon_send(gateway, look_up(rows));
                     }});
        },
        [self](check_note& what) {
          const auto task = self->state.core->task(what.what.id.task);
          const bool runs = task && !is_final(task->state) && task->node == what.node &&
                            task->attempt == what.what.id.attempt;
          self->send(self->state.gateway, note_checked{what.session, std::move(what.what), runs});
        },
        [self](const replay_finished& what) {
          auto gateway = self->state.gateway;
          const bool over = self->state.core->finished(what.job).has_value();
          self->send(self->state.store, store_job{[what, over, gateway](store::head_store& rows) {
                       inspect::replay(rows, what, over, [&](push batch) {
                         caf::anon_send(gateway, std::move(batch));
                       });
                     }});
        },
        [self](const wake_up& what) { tick(self, what.number); },
        [self](const gateway_actor& gateway) {
          self->state.gateway = gateway;
          set_alarm(self);
        },
    };
  });
}

}  // namespace fabric::actors
