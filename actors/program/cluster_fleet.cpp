#include "actors/program/cluster_fleet.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/api/desk.hpp"
#include "actors/api/invoke.hpp"
#include "actors/api/lasting_name.hpp"
#include "actors/clock.hpp"
#include "actors/program/note_replies.hpp"
#include "actors/program/worker_environment.hpp"
#include "scheduler/job.hpp"
#include "transport/codec.hpp"

namespace fabric::actors {

namespace {

namespace program = transport::program;

constexpr std::size_t calls_per_message = 4096;

/// Where the head does not say so again, nobody waits any more.
constexpr duration pressure_lasts = std::chrono::seconds{3};

program::attempt_of_call on_wire(calls::call_id call, std::uint32_t attempt) {
  return {call.value, attempt};
}

/// Processes with the same store are on one host.
calls::host_id host_with(const object_id& store) {
  return calls::host_id{store == object_id{} ? 0 : std::hash<object_id>{}(store)};
}

bool is_stopped(const program::outcome& what) {
  return what.how == static_cast<std::uint8_t>(program::outcome::kind::stopped);
}

/// Leaves the value, or why there is none, with the call.
void leave_with(detail::state_base& call, const program::outcome& what) {
  if (is_stopped(what)) return call.attempt_failure.reset();
  detail::take_outcome(call, what.how == static_cast<std::uint8_t>(program::outcome::kind::value),
                       what.bytes);
}

/// The words behind this program's name, as the kernel remembers them.
std::vector<std::string> own_arguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  if (!words.empty()) words.erase(words.begin());
  return words;
}

}  // namespace

cluster_fleet::cluster_fleet(head_address where, std::string cluster_file, transport::key_pair lent)
    : where_(std::move(where)),
      cluster_file_(std::move(cluster_file)),
      lent_(std::move(lent)),
      workers_wanted_({.kind = "workers",
                       .owner = id_,
                       .command = [this] { return command_for_workers(); },
                       .refused = [this](calls::pool_id pool,
                                         std::string why) { give_up(pool, std::move(why)); },
                       .opens = worker_crew::opening::one_first}),
      replies_(std::make_shared<note_replies>([this] { link_->wake(); })),
      objects_(std::make_shared<object_exchange>(id_, [this] { link_->wake(); })),
      aside_([this] { link_->wake(); }),
      actors_({.self = id_,
               .command = [this] { return command_for_workers(); },
               .command_with =
                   [this](std::vector<std::pair<std::string, std::string>> env) {
                     return command_with(std::move(env));
                   },
               .server_public_key = where_.server_public_key,
               .wake = [this] { link_->wake(); },
               .objects = objects_}) {}

void cluster_fleet::open(detail::desk& owner) {
  owner_ = &owner;
  auto found = find_own_program();
  auto link =
      found ? program_link::start(
                  where_, {.id = id_, .name = found->name, .lent_key = lent_.public_key}, *this)
            : result<std::unique_ptr<program_link>>{found.error()};
  if (!link) throw_failure({.kind = error_kind::unsupported, .what = to_line(link.error())});
  link_ = std::move(*link);
  copy_.open(*link_, std::move(*found));
  objects_->open(*link_);
  detail::object_house::here().set_usual_way(objects_->way_from(program_id{}));
  workers_wanted_.open(*link_, copy_);
  actors_.start(*link_, copy_);
  auto contact = first_contact_.get_future();
  link_->wake();
  if (auto first = contact.get(); !first) {
    link_->close();
    throw_failure(
        {.kind = error_kind::unsupported,
         .what = "the cluster of " + cluster_file_ + " cannot be used: " + to_line(first.error())});
  }
}

void cluster_fleet::carry_out(std::span<const calls::command_type> commands) {
  const std::scoped_lock lock(inbox_mutex_);
  for (const auto& c : commands) {
    if (std::holds_alternative<calls::command::finished>(c)) continue;
    order made{c, {}, {}};
    if (const auto* start = std::get_if<calls::command::start>(&c))
      made.call = body::sharing(owner_->record_of(start->call));
    if (const auto* want = std::get_if<calls::command::want>(&c))
      made.shape = owner_->shape_of(want->pool);
    inbox_.push_back(std::move(made));
  }
}

void cluster_fleet::settle() {
  {
    const std::scoped_lock lock(inbox_mutex_);
    if (inbox_.empty()) return;
  }
  link_->wake();
}

calls::data_place cluster_fleet::place_of(const detail::data_site& where) const {
  if (where.bytes == 0) return {};
  const auto store = where.store == object_id{} ? detail::store_of_host() : where.store;
  return {host_with(store), where.bytes};
}

std::string cluster_fleet::why_infeasible(const demand& needs) const {
  const std::scoped_lock lock(reasons_mutex_);
  return "no worker process with " + to_string(needs) +
         " could be started: " + (last_reason_.empty() ? "the head refused" : last_reason_);
}

std::string cluster_fleet::why_closed() const {
  const std::scoped_lock lock(reasons_mutex_);
  return why_closed_;
}

/// Workers end when their owner is gone; the goodbye says so at once.
void cluster_fleet::close() {
  replies_->close();
  aside_.close();
  link_->close();
  objects_->lost();
}

// The session.

void cluster_fleet::opened(const transport::welcome&) {
  if (!std::exchange(has_contact_, true)) first_contact_.set_value({});
  workers_wanted_.opened();
  actors_.opened();
  // A head that was restarted takes for held what we lent.
  for (const auto& [id, w] : workers_)
    if (w.lends == lending::lent && !w.is_claimed) ask_about(id, "lend", [](const auto&) {});
}

void cluster_fleet::lost(const fault& why, bool for_good) {
  if (!for_good) return;
  if (!std::exchange(has_contact_, true)) return first_contact_.set_value(why);
  is_over_ = true;
  {
    const std::scoped_lock lock(reasons_mutex_);
    why_closed_ = to_line(why);
  }
  owner_->happened(calls::event::closed{});
  actors_.lost();
  objects_->lost();
}

void cluster_fleet::heard(program_id from, std::vector<program::message> messages) {
  for (auto& one : messages) {
    if (auto* serving = std::get_if<program::serving>(&one)) {
      take(from, *serving);
      continue;
    }
    if (objects_->heard(from, one) || actors_.heard(from, one)) continue;
    const auto id = workers_wanted_.crew().worker_of(from);
    if (!id) continue;
    auto& w = workers_.at(*id);
    std::visit([&](auto& what) { take(*id, w, what); }, one);
  }
}

/// Out of sight; whether it still runs, the head will say when its task is final.
void cluster_fleet::gone(program_id who) {
  objects_->gone(who);
  actors_.gone(who);
  const auto w = workers_wanted_.crew().lost(who);
  if (!w) return;
  tell(calls::event::worker_lost{w->worker, false});
  if (const auto task = workers_wanted_.crew().task_of(w->worker)) workers_wanted_.cancel(*task);
}

void cluster_fleet::told(transport::message& body) {
  if (const auto* ended = std::get_if<transport::task_finished>(&body))
    task_ended(*ended);
  else if (std::holds_alternative<transport::pressed>(body))
    pressed_until_ = now() + pressure_lasts;
}

/// Other programs wait, or one pool for what another has.
void cluster_fleet::tell_pressure(instant at) {
  if (pressed_until_ <= at) pressed_until_ = never;
  std::optional<calls::pool_id> by = workers_wanted_.crew().hungry(at);
  if (pressed_until_ != never) by = calls::pool_id{};
  if (by == pressed_by_) return;
  pressed_by_ = by;
  tell(calls::event::pressure{by.has_value(), by.value_or(calls::pool_id{})});
}

instant cluster_fleet::turn(instant now) {
  tell_pressure(now);
  instant spares_end = never;
  for (int rounds = 0; rounds < 100; ++rounds) {
    std::vector<order> orders;
    {
      const std::scoped_lock lock(inbox_mutex_);
      orders.swap(inbox_);
    }
    for (auto& one : orders) perform(one);
    for (const auto& [to, what] : replies_->fetch()) link_->say(to, what);
    aside_.turn();
    spares_end = objects_->turn(now);
    auto news = std::exchange(news_, {});
    if (orders.empty() && news.empty()) break;
    for (auto& one : news) owner_->happened(one);
  }
  send_batches();
  if (is_over_) return never;
  const instant next = std::min(workers_wanted_.turn(now), actors_.turn(now));
  return std::min({next, pressed_until_, spares_end});
}

// Orders of the desk.

void cluster_fleet::perform(order& what) {
  using namespace calls::command;
  if (auto* want_one = std::get_if<want>(&what.what)) {
    workers_wanted_.want(want_one->pool, std::move(what.shape), want_one->workers);
  } else if (auto* start_one = std::get_if<calls::command::start>(&what.what)) {
    start(*start_one, std::move(what.call));
  } else if (auto* stop_one = std::get_if<calls::command::stop>(&what.what)) {
    stop(*stop_one);
  } else if (auto* recall_one = std::get_if<recall>(&what.what)) {
    if (const auto* w = at_work(recall_one->worker))
      link_->say(w->process, program::recall{recall_one->most});
  } else if (auto* lend_one = std::get_if<calls::command::lend>(&what.what)) {
    lend(*lend_one);
  } else if (auto* reclaim_one = std::get_if<calls::command::reclaim>(&what.what)) {
    reclaim(*reclaim_one);
  } else if (auto* release_one = std::get_if<calls::command::release>(&what.what)) {
    release(*release_one);
  }
}

/// Nothing where it is gone, which the desk has heard or is about to.
cluster_fleet::worker* cluster_fleet::at_work(calls::worker_id id) {
  const auto found = workers_.find(id);
  return found == workers_.end() || found->second.is_gone ? nullptr : &found->second;
}

void cluster_fleet::start(const calls::command::start& what, body call) {
  auto* const at = at_work(what.worker);
  if (at == nullptr || !call) return;
  auto& w = *at;
  w.has[what.call] = {what.attempt, call};
  if (auto at_once = detail::pack_at_once(*call, id_.value))
    return send(what, w, std::move(*at_once));
  w.has[what.call].is_packing = true;
  aside_.run([this, what, call = std::move(call)]() -> side_work::news {
    auto made = std::make_shared<detail::packed_call>(detail::pack_whole(*call, id_.value));
    return [this, what, made] { packed(what, std::move(*made)); };
  });
}

void cluster_fleet::send(const calls::command::start& what, worker& w, detail::packed_call with) {
  const auto sent = w.has.find(what.call);
  if (with.why_not) {
    const auto call = std::move(sent->second.call);
    w.has.erase(sent);
    call->attempt_failure = std::move(with.why_not);
    return tell_ended(what.worker, detail::desk::judged(*call, what.call, what.attempt),
                      duration{0});
  }
  sent->second.objects = std::move(with.objects);
  if (w.batch.empty()) batched_.push_back(what.worker);
  w.batch.push_back({.id = what.call.value,
                     .attempt = what.attempt,
                     .function = std::string{sent->second.call->function()->name},
                     .arguments = std::move(with.arguments)});
  if (w.batch.size() == calls_per_message)
    link_->say(w.process, program::calls{std::exchange(w.batch, {})});
}

/// Meanwhile the worker may be gone, or the call stopped.
void cluster_fleet::packed(const calls::command::start& what, detail::packed_call with) {
  auto* const at = at_work(what.worker);
  if (at == nullptr) return;
  auto& w = *at;
  const auto sent = w.has.find(what.call);
  if (sent == w.has.end() || sent->second.attempt != what.attempt) return;
  sent->second.is_packing = false;
  if (!sent->second.is_stopped) return send(what, w, std::move(with));
  w.has.erase(sent);
  tell_ended(what.worker, {what.call, what.attempt, calls::ending::cancelled, false}, duration{0});
}

void cluster_fleet::tell_ended(calls::worker_id id, calls::event::ended_call what, duration ran) {
  tell(calls::event::reported{.worker = id, .calls = {what}, .ran = ran});
}

/// A worker that may be killed for it is: the head ends its task, and says when that is certain.
void cluster_fleet::stop(const calls::command::stop& what) {
  auto* const w = at_work(what.worker);
  if (w == nullptr) return;
  if (const auto sent = w->has.find(what.call); sent != w->has.end() && sent->second.is_packing) {
    sent->second.is_stopped = true;
    return;
  }
  send_batches();
  link_->say(w->process, program::stop{on_wire(what.call, what.attempt)});
  if (!what.hard) return;
  if (const auto task = workers_wanted_.crew().task_of(what.worker)) workers_wanted_.cancel(*task);
}

void cluster_fleet::release(const calls::command::release& what) {
  const auto* const w = at_work(what.worker);
  if (w == nullptr) return;
  send_batches();
  objects_->pull(w->process);
  link_->say(w->process, program::retire{});
  workers_wanted_.crew().retired(what.worker);
}

/// The worker is asked first: by now one of its calls may run again.
void cluster_fleet::lend(const calls::command::lend& what) {
  auto* const at = at_work(what.worker);
  if (at == nullptr) return;
  auto& w = *at;
  w.reclaim_turn.reset();
  if (w.lends == lending::lent) {  // withdraws the claim that is under way
    w.is_claimed = false;
    return ask_about(what.worker, "lend", [](const auto&) {});
  }
  if (std::exchange(w.lends, lending::asked) == lending::no) link_->say(w.process, program::lend{});
}

void cluster_fleet::take(calls::worker_id id, worker& w, program::lent& what) {
  if (w.lends != lending::asked) return;
  w.lends = what.is_so ? lending::lent : lending::no;
  if (w.reclaim_turn) return give_back(id, w, *w.reclaim_turn);
  if (what.is_so) ask_about(id, "lend", [](const auto&) {});
}

void cluster_fleet::reclaim(const calls::command::reclaim& what) {
  auto* const at = at_work(what.worker);
  if (at == nullptr) return;
  auto& w = *at;
  if (w.lends == lending::no) return give_back(what.worker, w, what.turn);
  if (w.lends == lending::asked) {
    w.reclaim_turn = what.turn;
    return;
  }
  w.is_claimed = true;
  ask_about(what.worker, "claim", [this, what](const result<transport::message>& answer) {
    const auto* done = answer ? std::get_if<transport::answer>(&*answer) : nullptr;
    const bool was_withdrawn = done != nullptr && done->body.find("withdrawn") != std::string::npos;
    auto* const still = at_work(what.worker);
    if (!was_withdrawn && still != nullptr) give_back(what.worker, *still, what.turn);
  });
}

void cluster_fleet::give_back(calls::worker_id id, worker& w, std::uint32_t turn) {
  w.reclaim_turn.reset();
  w.is_claimed = false;
  if (std::exchange(w.lends, lending::no) != lending::no) link_->say(w.process, program::go_on{});
  tell(calls::event::reclaimed{id, turn});
}

void cluster_fleet::send_batches() {
  for (calls::worker_id id : std::exchange(batched_, {})) {
    const auto found = workers_.find(id);
    if (found == workers_.end() || found->second.batch.empty()) continue;
    link_->say(found->second.process, program::calls{std::exchange(found->second.batch, {})});
  }
}

// Workers.

std::string cluster_fleet::command_for_workers() const {
  return command_with({worker_variable_of(id_, where_.server_public_key, lent_)});
}

std::string cluster_fleet::command_with(
    std::vector<std::pair<std::string, std::string>> env) const {
  transport::command_work work{
      .argv = {std::string{transport::launcher_mark}, "worker-launch", "--program",
               transport::to_hex(copy_.what().hash), "--name", copy_.what().name, "--"},
      .env = std::move(env),
      .is_worker = true};
  for (auto& word : own_arguments()) work.argv.push_back(std::move(word));
  std::error_code ignored;
  work.cwd = std::filesystem::current_path(ignored).string();
  return transport::encode(work);
}

void cluster_fleet::give_up(calls::pool_id pool, std::string why) {
  {
    const std::scoped_lock lock(reasons_mutex_);
    last_reason_ = std::move(why);
  }
  tell(calls::event::pool_refused{pool});
}

void cluster_fleet::take(program_id from, program::serving& what) {
  if (actors_.came(what.worker, from)) return;
  const auto arrival = workers_wanted_.came(what.worker, from);
  if (arrival.replaced) worker_gone(*arrival.replaced);
  if (!arrival.fresh) {
    link_->say(from, program::retire{});
    return;
  }
  auto& fresh = workers_[arrival.fresh->worker];
  fresh.process = from;
  fresh.node = detail::lasting_name(what.node);
  tell(calls::event::worker_ready{.worker = arrival.fresh->worker,
                                  .pool = arrival.fresh->pool,
                                  .slots = 1,
                                  .host = host_with({what.store.high, what.store.low})});
}

void cluster_fleet::task_ended(const transport::task_finished& what) {
  if (actors_.task_ended(what)) return;
  const auto ended = workers_wanted_.finished(what);
  if (!ended.worker) return;
  worker_gone(*ended.worker);
  objects_->gone(ended.process);
  link_->forget(ended.process);
}

/// What it said before is taken first.
void cluster_fleet::worker_gone(calls::worker_id id) {
  const auto found = workers_.find(id);
  if (found != workers_.end() && found->second.unpacking > 0) {
    found->second.is_gone = true;
    return;
  }
  workers_.erase(id);
  tell(calls::event::worker_lost{id, true});
}

/// About what its attempt holds at the head.
void cluster_fleet::ask_about(calls::worker_id worker, const char* topic,
                              program_link::answer done) {
  const auto attempt = workers_wanted_.crew().attempt_of(worker);
  if (!attempt) return;
  const nlohmann::json arguments{{"id", to_string(attempt->task)}, {"attempt", attempt->attempt}};
  link_->ask(transport::ask{.topic = topic, .arguments = arguments.dump()}, std::move(done));
}

// What workers say.

/// Results that lie in objects are judged when these are here, and aside: they are large.
void cluster_fleet::take(calls::worker_id id, worker& w, program::outcomes& what) {
  std::vector<program::outcome> now;
  now.reserve(what.which.size());
  for (auto& one : what.which) {
    if (one.objects.empty()) {
      now.push_back(std::move(one));
      continue;
    }
    const auto objects = std::move(one.objects);
    objects_->receive(
        w.process, objects,
        [this, id, kept = std::make_shared<program::outcome>(std::move(one))](
            const object_exchange::references& held) { unpack_aside(id, std::move(*kept), held); });
  }
  if (!now.empty()) take(id, now);
}

void cluster_fleet::take(calls::worker_id id, const std::vector<program::outcome>& which) {
  const auto known = workers_.find(id);
  if (known == workers_.end()) return;
  auto& w = known->second;
  calls::event::reported report{.worker = id, .calls = {}, .ran = duration{0}};
  report.calls.reserve(which.size());
  for (const auto& one : which) {
    const auto found = w.has.find(calls::call_id{one.which.id});
    if (found == w.has.end() || found->second.attempt != one.which.attempt) continue;
    const auto call = std::move(found->second.call);
    w.has.erase(found);
    leave_with(*call, one);
    call->node = w.node;
    report.calls.push_back(judged(call, one));
    report.ran += one.took;
  }
  tell(std::move(report));
}

/// The call is nobody else's meanwhile: that its worker is gone is told afterwards.
void cluster_fleet::unpack_aside(calls::worker_id id, program::outcome what,
                                 object_exchange::references held) {
  const auto known = workers_.find(id);
  if (known == workers_.end()) return;
  auto& w = known->second;
  const auto found = w.has.find(calls::call_id{what.which.id});
  if (found == w.has.end() || found->second.attempt != what.which.attempt) return;
  ++w.unpacking;
  aside_.run([this, id, call = found->second.call, held = std::move(held),
              kept = std::make_shared<program::outcome>(std::move(what))]() -> side_work::news {
    leave_with(*call, *kept);
    return [this, id, call, kept] {
      auto& from = workers_.at(id);
      from.has.erase(calls::call_id{kept->which.id});
      call->node = from.node;
      tell_ended(id, judged(call, *kept), kept->took);
      if (--from.unpacking == 0 && from.is_gone) worker_gone(id);
    };
  });
}

calls::event::ended_call cluster_fleet::judged(const body& call,
                                               const program::outcome& what) const {
  const calls::call_id id{what.which.id};
  if (is_stopped(what)) return {id, what.which.attempt, calls::ending::cancelled, false};
  auto ended = detail::desk::judged(*call, id, what.which.attempt);
  detail::data_site made;
  if (ended.how == calls::ending::succeeded) call->note_result(made);
  ended.made = place_of(made);
  return ended;
}

void cluster_fleet::take(calls::worker_id, worker& w, program::note& what) {
  owner_->notes().ask(
      what.topic, std::move(what.body),
      [to = w.process, ticket = what.ticket, replies = replies_](const result<std::string>& with) {
        replies->put(to, {ticket, with ? *with : std::string{}, with ? fault{} : with.error()});
      });
}

void cluster_fleet::take(calls::worker_id id, worker& w, program::recalled& what) {
  calls::event::recalled back{.worker = id, .calls = {}};
  for (const auto& one : what.which) {
    w.has.erase(calls::call_id{one.id});
    back.calls.push_back({calls::call_id{one.id}, one.attempt, calls::ending::declined, true});
  }
  tell(std::move(back));
}

void cluster_fleet::take(calls::worker_id id, worker&, program::slot_change& what) {
  const calls::call_id call{what.which.id};
  using kind = program::slot_change::kind;
  switch (static_cast<kind>(what.how)) {
    case kind::blocked: return tell(calls::event::blocked{id, call, what.which.attempt});
    case kind::unblocked: return tell(calls::event::unblocked{id, call, what.which.attempt});
    case kind::resumed: return tell(calls::event::resumed{id, call, what.which.attempt});
  }
}

}  // namespace fabric::actors
