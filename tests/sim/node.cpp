#include "tests/sim/node.hpp"

#include "actors/convert.hpp"

namespace fabric::sim {

using namespace std::chrono_literals;
namespace core = scheduler;
namespace told = scheduler::agent_event;

node::node(world& w, address where, capacity has, std::uint64_t seed)
    : sim_process(w.time),
      w_(w),
      where_(where),
      id_{0x100 + where},
      name_("node" + std::to_string(where)),
      has_(std::move(has)),
      dice_(seed),
      clock_(instant{}, 0s, 0),
      spawner_(w, id_, seed + 1),
      link_(w, *this, where, seed + 2,
            {[this] { return greet(); }, [this](const transport::welcome& m) { hear(m); },
             [this](const transport::message& m) { hear(m); },
             [this] { feed(told::session_lost{}); }}) {
  w_.net.listen(where_, [this](const packet& p) { deliver([this, p] { link_.receive(p); }); });
}

void node::boot() {
  is_up_ = true;
  clock_ = machine_clock(time_.now(), dice_.between(duration{5s}, 1h), dice_.between(-1000, 1000));
  boot_id_ = "boot" + std::to_string(dice_.below(1'000'000));
  start_daemon();
}

void node::start_daemon() {
  begin_life();
  leaving_.reset();
  incarnation_ = dice_.next();
  agent_.emplace(core::agent_settings{.heartbeat = w_.how.heartbeat, .seed = dice_.next()});
  for (const auto& [id, s] : spool_) agent_->adopt_spooled(id, s.how, s.report);
  tick_at_ = never;
  // What a process does reaches the daemon as a message, and only the daemon of its time.
  spawner_.attach(clock_, [this](core::agent_event_type e) {
    after(0s, [this, e = std::move(e)] { feed(e); });
  });
  w_.log.say(name_, "starts, " + boot_id_);
  link_.connect();
}

void node::stop_daemon() {
  end_life();
  link_.forget();
  agent_.reset();
  w_.net.process_ended(where_);
}

void node::crash_daemon(duration down) {
  if (!is_alive()) return;
  w_.log.say(name_, "daemon dies");
  stop_daemon();
  spawner_.daemon_died();
  time_.after(down, [this, plan = ++start_plan_] { start_daemon_when_clean(plan); });
}

/// The state directory stays locked until the old spawner has killed everything.
void node::start_daemon_when_clean(std::uint64_t plan) {
  if (plan != start_plan_) return;
  if (spawner_.is_idle()) return start_daemon();
  time_.after(50ms, [this, plan] { start_daemon_when_clean(plan); });
}

void node::crash_machine(duration down) {
  if (!is_up_) return;
  w_.log.say(name_, "machine dies");
  is_up_ = false;
  if (is_alive()) stop_daemon();
  spawner_.machine_died();
  time_.after(down, [this, plan = ++start_plan_] {
    if (plan == start_plan_) boot();
  });
}

void node::leave(duration deadline) {
  deliver([this, deadline] {
    w_.log.say(name_, "is asked to stop");
    leaving_ = std::min(deadline, leaving_.value_or(deadline));
    tell_leaving();
    feed(told::drain{deadline});
  });
}

void node::tell_leaving() { link_.send(transport::leaving{*leaving_}); }

void node::heal() {
  if (is_alive()) return resume_now();
  const auto plan = ++start_plan_;
  time_.after(100ms, [this, plan] {
    if (is_up_)
      start_daemon_when_clean(plan);
    else if (plan == start_plan_)
      boot();
  });
}

void node::feed(const core::agent_event_type& what) {
  if (!agent_) return;
  const auto commands = agent_->step(what, local_now());
  w_.judge.demand_whole(name_, agent_->broken_invariant());
  for (const auto& c : commands) std::visit([this](const auto& one) { carry_out(one); }, c);
  plan_tick();
}

void node::plan_tick() {
  if (!agent_) return;
  const instant due = clock_.truth_of(agent_->next_wakeup());
  if (due >= tick_at_ || due == never) return;
  tick_at_ = due;
  after(due - time_.now(), [this, due] {
    if (tick_at_ != due) return;
    tick_at_ = never;
    feed(told::ticked{});
  });
}

transport::hello node::greet() {
  transport::hello m;
  m.software = "sim";
  m.node.emplace();
  m.node->name = name_;
  m.node->host = name_;
  m.node->incarnation = incarnation_id{incarnation_};
  m.node->boot_id = boot_id_;
  m.node->has = has_;
  return convert::hello(std::move(m), *agent_, local_now());
}

void node::hear(const transport::message& m) {
  const auto pass = [this](auto event) {
    if (!event)
      w_.judge.object("the head's message is refused: " + event.error().detail);
    else
      feed(*event);
  };
  if (const auto* welcome = std::get_if<transport::welcome>(&m)) {
    pass(convert::welcomed(*welcome));
    if (leaving_) tell_leaving();
  }
  if (const auto* renewed = std::get_if<transport::renewed>(&m)) pass(convert::renewed(*renewed));
  if (const auto* grant = std::get_if<transport::grant>(&m)) pass(convert::granted(*grant));
  if (const auto* revoke = std::get_if<transport::revoke>(&m)) pass(convert::revoked(*revoke));
  if (const auto* ack = std::get_if<transport::report_ack>(&m))
    feed(convert::report_acknowledged(*ack));
}

void node::carry_out(const core::agent_command::send_heartbeat& c) {
  link_.send(convert::heartbeat(c));
}
void node::carry_out(const core::agent_command::start_process& c) {
  const auto work = convert::granted_work(c.work);
  if (!work) return w_.judge.object("the work of " + to_string(c.id) + " cannot be read");
  w_.log.say(name_, "starts " + to_string(c.id));
  spawner_.start(*work, c.time_limit);
}
void node::carry_out(const core::agent_command::kill_process& c) {
  w_.log.say(name_, "kills " + to_string(c.id));
  spawner_.kill(c.id, c.grace);
}
void node::carry_out(const core::agent_command::set_fence& c) { spawner_.set_fence(c.at); }
void node::carry_out(const core::agent_command::send_started& c) {
  link_.send(convert::started(c));
}
void node::carry_out(const core::agent_command::send_declined& c) {
  w_.log.say(name_, "declines " + to_string(c.id));
  link_.send(convert::declined(c));
}
void node::carry_out(const core::agent_command::send_report& c) {
  w_.log.say(name_, "reports " + to_string(c.id) + " " + std::string(name_of(c.how)));
  link_.send(convert::report(c));
}
void node::carry_out(const core::agent_command::spool_report& c) {
  spool_[c.id] = {c.how, c.report};
}
void node::carry_out(const core::agent_command::drop_spooled& c) { spool_.erase(c.id); }
void node::carry_out(const core::agent_command::drained&) {
  link_.send(transport::goodbye{});
  after(0s, [this] {
    w_.log.say(name_, "stops");
    stop_daemon();
    spawner_.daemon_died();
    time_.after(dice_.between(duration{10ms}, 5s),
                [this, plan = ++start_plan_] { start_daemon_when_clean(plan); });
  });
}

}  // namespace fabric::sim
