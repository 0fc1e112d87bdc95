#include "tests/sim/head.hpp"

#include <span>

#include "actors/convert.hpp"
#include "scheduler/mutant.hpp"
#include "tests/sim/head_settings.hpp"
#include "transport/codec.hpp"

namespace fabric::sim {

using namespace std::chrono_literals;
namespace core = scheduler;

namespace {
constexpr address first_client = 1000;
}  // namespace

head::head(world& w, std::uint64_t seed)
    : sim_process(w.time),
      w_(w),
      dice_(seed),
      clock_(instant{}, dice_.between(duration{0}, 1000h), dice_.between(-1000, 1000)) {
  w_.net.listen(0, [this](const packet& p) { deliver([this, p] { receive(p); }); });
}

void head::start() {
  begin_life();
  epoch_ = w_.store.next_epoch();
  sessions_made_ = 0;
  w_.log.say("head", "starts, epoch " + std::to_string(epoch_));
  engine_.emplace(core::engine::restore(settings_of(w_.how), w_.store.load(), local_now()));
  w_.judge.demand_whole("head", engine_->broken_invariant());
  tick_at_ = never;
  plan_tick();
  watch_silence();
}

void head::crash(duration down) {
  if (!is_alive()) return;
  w_.log.say("head", "dies");
  // What was in the middle of its commit may have reached the disk.
  if (is_committing_ && dice_.chance(0.5)) store(in_commit_);
  end_life();
  engine_.reset();
  sessions_.clear();
  wants_watch_.clear();
  watchers_.clear();
  waiting_.clear();
  in_commit_.clear();
  is_committing_ = false;
  w_.net.process_ended(0);
  time_.after(down, [this, plan = ++start_plan_] {
    if (plan == start_plan_) start();
  });
}

void head::heal() {
  next_fate_ = commit_fate::fine;
  store_slow_until_ = instant{};
  if (is_alive()) return resume_now();
  time_.after(100ms, [this, plan = ++start_plan_] {
    if (plan == start_plan_) start();
  });
}

void head::make_store_slow(duration latency, instant until) {
  store_latency_ = latency;
  store_slow_until_ = until;
}

void head::drain(node_id node, duration deadline) {
  deliver([this, node, deadline] { feed(core::event::drain_requested{{}, node, deadline}); });
}

void head::forget(node_id node) {
  deliver([this, node] { feed(core::event::forget_requested{{}, node}); });
}

void head::feed(const core::event_type& what) {
  auto commands = engine_->step(what, local_now());
  w_.judge.demand_whole("head", engine_->broken_invariant());
  outcome all;
  for (auto& c : commands) {
    if (auto* p = std::get_if<core::command::persist>(&c))
      all.records.push_back(std::move(p->what));
    else
      all.commands.push_back(std::move(c));
  }
  if (mutant::is_on("act_before_commit"))
    for (const auto& c : std::exchange(all.commands, {})) carry_out(c);
  if (!all.records.empty() || !all.commands.empty()) waiting_.push_back(std::move(all));
  commit_what_waits();
  if (is_alive()) plan_tick();
}

void head::commit_what_waits() {
  while (!is_committing_ && !waiting_.empty()) {
    bool has_records = false;
    for (const auto& o : waiting_) has_records = has_records || !o.records.empty();
    in_commit_.assign(std::make_move_iterator(waiting_.begin()),
                      std::make_move_iterator(waiting_.end()));
    waiting_.clear();
    is_committing_ = true;
    if (!has_records) {
      commit_ends(commit_fate::fine);
      continue;
    }
    const bool is_slow = time_.now() < store_slow_until_;
    const auto fate = std::exchange(next_fate_, commit_fate::fine);
    after(dice_.between(duration{100us}, is_slow ? store_latency_ : duration{5ms}), [this, fate] {
      commit_ends(fate);
      if (is_alive()) commit_what_waits();
    });
  }
}

void head::commit_ends(commit_fate fate) {
  is_committing_ = false;
  const auto batch = std::exchange(in_commit_, {});
  if (fate != commit_fate::fails_without_effect) store(batch);
  if (fate != commit_fate::fine) {
    w_.log.say("head", "a commit fails, outcome unknown");
    return fail();
  }
  for (const auto& o : batch)
    for (const auto& c : o.commands) carry_out(c);
}

void head::store(const std::vector<outcome>& batch) {
  std::vector<core::record_type> records;
  for (const auto& o : batch) records.insert(records.end(), o.records.begin(), o.records.end());
  w_.judge.demand_whole("store", w_.store.commit(records));
  w_.judge.committed(records);
}

void head::fail() { crash(dice_.between(duration{50ms}, 2s)); }

void head::plan_tick() {
  const instant due = clock_.truth_of(engine_->next_wakeup());
  if (due >= tick_at_ || due == never) return;
  tick_at_ = due;
  after(due - time_.now(), [this, due] {
    if (tick_at_ != due) return;
    tick_at_ = never;
    feed(core::event::ticked{});
  });
}

void head::receive(const packet& p) {
  const auto parts = transport::decode(std::as_bytes(std::span(p.frame)));
  if (!parts) return w_.judge.object("the head cannot read a frame: " + parts.error().detail);
  for (const auto& part : *parts) {
    const auto* e = std::get_if<transport::envelope>(&part);
    if (e == nullptr || !is_alive()) continue;
    if (const auto* m = std::get_if<transport::hello>(&e->body)) {
      greet(p, *m);
      continue;
    }
    const auto found = sessions_.find(e->head.session);
    if (found == sessions_.end() || found->second.who != p.from || !found->second.is_open) {
      send_raw(p.from, p.connection, {}, transport::unknown_session{});
      continue;
    }
    found->second.heard = time_.now();
    take(found->first, found->second, e->body);
  }
}

void head::greet(const packet& p, const transport::hello& m) {
  for (const auto& [id, s] : sessions_)
    if (s.who == p.from && s.connection == p.connection) return;  // a socket greets once
  if (m.epoch_seen > epoch_) return w_.judge.object("a peer has seen a later head than this one");
  const session_id id{epoch_ << 32 | ++sessions_made_};
  session s{p.from, p.connection, {}, false, time_.now(), m.worker_time};
  if (p.from < first_client) s.node = node_id{0x100 + p.from};
  sessions_[id] = s;
  if (p.from < first_client) {
    auto joined = convert::node_joined(s.node, id, m);
    if (!joined) return w_.judge.object("a node's hello is refused: " + joined.error().detail);
    return feed(*joined);
  }
  core::command::welcome terms;
  terms.session = id;
  terms.worker_time = m.worker_time;
  terms.lease = w_.how.lease;
  carry_out_one(terms);
}

void head::take(session_id from, session& s, const transport::message& m) {
  const auto node = s.node;
  const auto pass = [this](const auto& event) {
    if (!event)
      w_.judge.object("a peer's message is refused: " + event.error().detail);
    else
      feed(*event);
  };
  if (const auto* beat = std::get_if<transport::heartbeat>(&m)) {
    if (node.value == 0) return send(from, *beat);
    return pass(convert::node_heartbeat(node, from, *beat));
  }
  if (const auto* started = std::get_if<transport::started>(&m))
    return feed(convert::attempt_started(node, *started));
  if (const auto* declined = std::get_if<transport::declined>(&m))
    return feed(convert::attempt_declined(node, *declined));
  if (const auto* report = std::get_if<transport::report>(&m))
    return pass(convert::attempt_ended(node, *report));
  if (const auto* leaving = std::get_if<transport::leaving>(&m))
    return pass(convert::drain_requested(node, *leaving));
  if (const auto* bye = std::get_if<transport::goodbye>(&m))
    return feed(convert::node_left(node, from, *bye));
  if (const auto* submit = std::get_if<transport::submit>(&m)) {
    auto job = convert::job(*submit, "client");
    if (!job) return w_.judge.object("a submission is refused: " + job.error().detail);
    const core::event::asker asker{from, submit->request};
    if (submit->watch) wants_watch_.insert(asker);
    return feed(core::event::job_submitted{asker, std::move(*job)});
  }
  if (const auto* a = std::get_if<transport::ask>(&m)) return ask(from, *a);
  if (const auto* w = std::get_if<transport::watch>(&m)) return watch(from, w->job);
}

void head::ask(session_id from, const transport::ask& m) {
  const auto what = parse_job_or_task(m.arguments);
  if (m.topic != "cancel" || !what) return w_.judge.object("a client asks what it never asked");
  feed(core::event::cancel_requested{{from, m.request}, *what});
}

/// The finals that are durable now; the later ones follow as they come.
void head::watch(session_id who, job_id job) {
  watchers_[job].insert(who);
  const auto found = w_.store.jobs().find(job);
  if (found == w_.store.jobs().end()) return;
  for (const auto& [index, r] : found->second.touched)
    if (core::is_final(r.state))
      send(who,
           transport::task_finished{
               {job, index}, static_cast<std::uint8_t>(r.state), r.attempt, r.node, "", r.report});
  if (found->second.is_done())
    send(who, transport::job_finished{job, found->second.all_succeeded()});
}

void head::watch_silence() {
  after(w_.how.heartbeat, [this] {
    std::vector<session_id> silent;
    for (const auto& [id, s] : sessions_)
      if (time_.now() - s.heard > silent_beats_max * w_.how.heartbeat) silent.push_back(id);
    for (const auto id : silent)
      if (is_alive()) drop(id);
    if (is_alive()) watch_silence();
  });
}

void head::drop(session_id which) {
  const auto s = sessions_.at(which);
  sessions_.erase(which);
  for (auto& [job, who] : watchers_) who.erase(which);
  if (s.node.value != 0) feed(core::event::session_lost{s.node, which});
}

void head::send(session_id to, const transport::message& m) {
  const auto found = sessions_.find(to);
  if (found == sessions_.end()) return;
  send_raw(found->second.who, found->second.connection, to, m);
}

void head::send_raw(address to, std::uint64_t connection, session_id session,
                    const transport::message& m) {
  transport::header h;
  h.session = session;
  h.epoch = epoch_;
  std::string frame;
  transport::append(frame, h, m);
  w_.net.send({0, to, connection, std::move(frame)});
}

}  // namespace fabric::sim
