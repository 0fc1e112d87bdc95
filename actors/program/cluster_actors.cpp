#include "actors/program/cluster_actors.hpp"

#include <future>
#include <utility>

#include "actors/api/actor_desk.hpp"
#include "actors/clock.hpp"

namespace fabric::actors {

namespace {

namespace program = transport::program;
using detail::seat;

constexpr std::size_t calls_per_message = 1024;
/// Ends of actors that are remembered for whoever asks late.
constexpr std::size_t gone_places_max = 100'000;

calls::pool_id crew_pool(roster::pool_id pool) { return {pool.value + 1}; }
roster::pool_id roster_pool(calls::pool_id pool) { return {pool.value - 1}; }
roster::host_id host_of(program_id process) { return {process.value}; }
program_id process_of(roster::host_id host) { return {host.value}; }

failure unpacked_failure(const std::string& bytes) {
  auto why = unpack<failure>(bytes);
  return why ? std::move(*why)
             : failure{.kind = error_kind::bad_result, .what = why.error().detail};
}

fault closed_fault() { return {fault_code::cancelled, "the session was closed", ""}; }

}  // namespace

cluster_actors::cluster_actors(surroundings where)
    : where_(std::move(where)),
      hosts_({.kind = "hosts",
              .owner = where_.self,
              .command = where_.command,
              .refused =
                  [this](calls::pool_id pool, std::string why) {
                    {
                      const std::scoped_lock lock(reasons_mutex_);
                      last_reason_ = std::move(why);
                    }
                    owner_->happened(roster::event::pool_refused{roster_pool(pool)});
                  }}),
      names_([this](transport::message what,
                    program_link::answer done) { link_->ask(std::move(what), std::move(done)); },
             [](const program_name&, const fault&) {}) {}

void cluster_actors::start(program_link& link, program_copy& copy) {
  link_ = &link;
  hosts_.open(link, copy);
}

// Orders.

void cluster_actors::put(order what) {
  bool is_news = false;
  {
    const std::scoped_lock lock(inbox_mutex_);
    if (is_closed_) return;
    inbox_.push_back(std::move(what));
    is_news = !std::exchange(is_told_, true);
  }
  if (is_news) where_.wake();
}

void cluster_actors::carry_out(std::span<const roster::command_type> commands) {
  for (const auto& c : commands) {
    if (const auto* want = std::get_if<roster::command::want>(&c)) {
      put([this, pool = crew_pool(want->pool), shape = owner_->shape_of(want->pool),
           count = want->hosts] { hosts_.want(pool, shape, count); });
    } else if (const auto* make_one = std::get_if<roster::command::make>(&c)) {
      put([this, what = *make_one, birth = owner_->birth_of(make_one->actor)] {
        make(what.host, what.life, birth);
      });
    } else if (const auto* end = std::get_if<roster::command::end>(&c)) {
      put([this, what = *end] {
        say(process_of(what.host), program::actor_end{what.actor.value, what.life});
      });
    } else if (const auto* release = std::get_if<roster::command::release>(&c)) {
      put([this, what = *release] {
        const auto known = by_process_.find(process_of(what.host));
        if (known == by_process_.end()) return;
        say(known->first, program::retire{});
        if (const auto task = hosts_.crew().task_of(known->second); task && what.by_force)
          hosts_.cancel(*task);
        hosts_.crew().retired(known->second);
      });
    } else if (const auto* alive = std::get_if<roster::command::alive>(&c)) {
      put([this, what = *alive] {
        tell_watchers({what.actor.value,
                       static_cast<std::uint8_t>(program::actor_news::kind::alive),
                       what.life,
                       process_of(what.host),
                       {}});
      });
    } else if (const auto* down = std::get_if<roster::command::down>(&c)) {
      put([this, what = *down] {
        auto news = places_[what.actor.value].last;
        news.actor = what.actor.value;
        news.how = static_cast<std::uint8_t>(program::actor_news::kind::down);
        tell_watchers(std::move(news));
      });
    } else if (const auto* gone = std::get_if<roster::command::gone>(&c)) {
      std::string why;
      if (const auto at = owner_->seat_of_own(gone->actor)) {
        const std::scoped_lock lock(at->mutex);
        if (at->end) why = pack(*at->end);
      }
      put([this, what = *gone, why = std::move(why)] {
        tell_watchers({what.actor.value,
                       static_cast<std::uint8_t>(program::actor_news::kind::gone),
                       0,
                       {},
                       why});
      });
    }
  }
}

void cluster_actors::send(const std::shared_ptr<seat>& to, roster::host_id host,
                          roster::incarnation life, std::uint64_t number,
                          detail::counted<detail::state_base> call) {
  writer arguments;
  call->pack_arguments(arguments);
  put(outgoing_call{process_of(host),
                    to->ref.actor,
                    life,
                    {number, std::string(call->function()->name), arguments.take()}});
}

void cluster_actors::stop(const std::shared_ptr<seat>& to, roster::host_id host,
                          roster::incarnation, std::uint64_t number) {
  put(outgoing_stop{process_of(host), {to->ref.actor, number}});
}

void cluster_actors::settle() {}

void cluster_actors::watch(const std::shared_ptr<seat>& at) {
  put([this, at] {
    const program_id owner{at->ref.owner};
    if (gone_.contains(owner)) return owner_->owner_lost(owner.value);
    say(owner, program::actor_watch{at->ref.actor});
  });
}

void cluster_actors::kill_elsewhere(const std::shared_ptr<seat>& at) {
  put([this, ref = at->ref] { say(program_id{ref.owner}, program::actor_kill{ref.actor}); });
}

result<detail::actor_ref> cluster_actors::spawn_detached(detail::actor_birth,
                                                         const actor_options&) {
  return fault{fault_code::unsupported, "actors cannot be detached from their session yet",
               "use lifetime::session, and keep the program that spawned it"};
}

// The link's turn.

instant cluster_actors::turn(instant now) {
  std::vector<order> orders;
  {
    const std::scoped_lock lock(inbox_mutex_);
    orders.swap(inbox_);
    is_told_ = false;
  }
  perform(orders);
  return std::min(hosts_.turn(now), names_.turn(now));
}

/// Calls in a row to one actor share a message.
void cluster_actors::perform(std::vector<order>& orders) {
  program_id host;
  program::actor_calls batch;
  for (auto& one : orders) {
    auto* call = std::get_if<outgoing_call>(&one);
    const bool joins = call != nullptr && call->host == host && call->actor == batch.actor &&
                       call->life == batch.life && batch.which.size() < calls_per_message;
    if (!joins) say_calls(host, batch);
    if (call != nullptr) {
      host = call->host;
      batch.actor = call->actor;
      batch.life = call->life;
      batch.which.push_back(std::move(call->what));
    } else if (auto* stopped = std::get_if<outgoing_stop>(&one)) {
      say(stopped->host, stopped->what);
    } else {
      std::get<job>(one)();
    }
  }
  say_calls(host, batch);
}

void cluster_actors::say_calls(program_id host, program::actor_calls& batch) {
  if (batch.which.empty()) return;
  if (gone_.contains(host))
    owner_->host_lost(host_of(host));  // it was lost before its life was heard of
  else
    link_->say(host, std::exchange(batch, {}));
  batch = {};
}

void cluster_actors::say(program_id to, const program::message& what) {
  if (to != program_id{} && !gone_.contains(to)) link_->say(to, what);
}

void cluster_actors::make(roster::host_id host, roster::incarnation life, detail::actor_birth how) {
  say(process_of(host), program::actor_make{.actor = how.ref.actor,
                                            .life = life,
                                            .class_name = std::move(how.class_name),
                                            .arguments = std::move(how.arguments),
                                            .has_state = how.has_state,
                                            .state = std::move(how.state),
                                            .concurrency = how.concurrency,
                                            .checkpoint_every = how.checkpoint_every,
                                            .ends_on_exception = how.ends_on_exception,
                                            .label = std::move(how.ref.label),
                                            .pending_max = how.ref.pending_max});
}

// Hosts.

bool cluster_actors::came(attempt_id attempt, program_id process) {
  if (!hosts_.knows(attempt.task)) return false;
  const auto arrival = hosts_.came(attempt, process);
  if (arrival.replaced)
    for (const auto& [id, worker] : by_process_)
      if (worker == *arrival.replaced) {
        host_ended(id);
        break;
      }
  if (!arrival.fresh) {
    say(process, program::retire{});
    return true;
  }
  by_process_[process] = arrival.fresh->worker;
  owner_->happened(roster::event::host_ready{host_of(process), roster_pool(arrival.fresh->pool)});
  return true;
}

bool cluster_actors::task_ended(const transport::task_finished& what) {
  if (!hosts_.knows(what.task)) return false;
  const auto ended = hosts_.finished(what);
  if (ended.worker) host_ended(ended.process);
  return true;
}

/// Certainly.
void cluster_actors::host_ended(program_id process) {
  by_process_.erase(process);
  gone_.insert(process);
  for (auto& [actor, where] : places_)
    if (where.last.host == process &&
        where.last.how != static_cast<std::uint8_t>(program::actor_news::kind::gone))
      for (const program_id watcher : where.watchers)
        say(watcher,
            program::actor_news{actor,
                                static_cast<std::uint8_t>(program::actor_news::kind::host_lost),
                                where.last.life,
                                process,
                                {}});
  owner_->happened(roster::event::host_lost{host_of(process)});
  link_->forget(process);
}

/// A host of ours that is out of sight: whether it still runs, the head says when its task is
/// final. What was asked of it will not be answered in any case.
void cluster_actors::gone(program_id who) {
  gone_.insert(who);
  for (auto& [actor, where] : places_) where.watchers.erase(who);
  if (const auto known = by_process_.find(who); known != by_process_.end())
    if (const auto task = hosts_.crew().task_of(known->second)) hosts_.cancel(*task);
  owner_->host_lost(host_of(who));
  owner_->owner_lost(who.value);
}

void cluster_actors::opened() {
  hosts_.opened();
  names_.opened();
}

void cluster_actors::lost() {
  {
    const std::scoped_lock lock(inbox_mutex_);
    is_closed_ = true;
  }
  owner_->end_all();
}

// What others say.

bool cluster_actors::heard(program_id from, program::message& what) {
  return std::visit(
      [&](auto& m) {
        if constexpr (requires { this->take(from, m); }) {
          take(from, m);
          return true;
        }
        return false;
      },
      what);
}

void cluster_actors::take(program_id from, program::actor_made& what) {
  if (what.is_so)
    owner_->happened(roster::event::made{host_of(from), roster::actor_id{what.actor}, what.life});
  else
    owner_->not_made(host_of(from), roster::actor_id{what.actor}, what.life,
                     unpacked_failure(what.why));
}

void cluster_actors::take(program_id from, program::actor_ended& what) {
  failure why;
  if (!what.why.empty()) why = unpacked_failure(what.why);
  owner_->ended(host_of(from), roster::actor_id{what.actor}, what.life,
                static_cast<roster::event::how_ended>(std::min<std::uint8_t>(what.how, 2)),
                std::move(why));
}

void cluster_actors::take(program_id from, program::actor_saved& what) {
  owner_->saved(roster::actor_id{what.actor}, what.life, std::move(what.state));
  say(from, program::actor_kept{what.number});
}

void cluster_actors::take(program_id, program::actor_outcomes& what) {
  for (auto& one : what.which) {
    const auto at = owner_->known_seat(what.owner.value, one.actor);
    if (!at) continue;
    using kind = program::actor_outcome::kind;
    if (one.how == static_cast<std::uint8_t>(kind::unbegun)) {
      owner_->answered(at, one.number, one.life, roster::line::answer::unbegun);
      continue;
    }
    if (const auto call = owner_->open_call(*at, one.number)) {
      call->attempt_failure.reset();
      reader from{one.bytes};
      if (one.how != static_cast<std::uint8_t>(kind::value))
        call->attempt_failure = std::make_unique<failure>(unpacked_failure(one.bytes));
      else if (!call->take_result(from))
        call->attempt_failure = std::make_unique<failure>(
            failure{.kind = error_kind::bad_result, .what = from.error().detail});
    }
    owner_->answered(at, one.number, one.life, roster::line::answer::done);
  }
}

void cluster_actors::take(program_id from, program::actor_watch& what) {
  const auto known = places_.find(what.actor);
  if (known != places_.end()) {
    known->second.watchers.insert(from);
    if (known->second.last.how != 0) say(from, known->second.last);
    return;
  }
  if (owner_->known_seat(where_.self.value, what.actor)) {
    places_[what.actor].watchers.insert(from);  // it is not made yet
    places_[what.actor].last.how = 0;
    return;
  }
  say(from,
      program::actor_news{what.actor,
                          static_cast<std::uint8_t>(program::actor_news::kind::gone),
                          0,
                          {},
                          pack(fabric::gone{"", gone_reason::closed, 0, "it was gone before"})});
}

void cluster_actors::take(program_id from, program::actor_news& what) {
  const auto at = owner_->known_seat(from.value, what.actor);
  if (!at) return;
  using kind = program::actor_news::kind;
  switch (static_cast<kind>(what.how)) {
    case kind::alive:
      owner_->is_alive(at, what.life, host_of(what.host));
      if (gone_.contains(what.host)) owner_->host_lost(host_of(what.host));
      return;
    case kind::down: return owner_->is_down(at);
    case kind::host_lost: return owner_->host_lost(host_of(what.host));
    case kind::gone: {
      auto why = unpack<fabric::gone>(what.why);
      owner_->is_gone(
          at, why ? std::move(*why) : fabric::gone{at->ref.label, gone_reason::closed, 0, {}});
      return;
    }
  }
}

void cluster_actors::take(program_id, program::actor_kill& what) {
  owner_->happened(roster::event::kill_requested{roster::actor_id{what.actor}});
}

void cluster_actors::tell_watchers(program::actor_news what) {
  auto& where = places_[what.actor];
  where.last = std::move(what);
  for (const program_id watcher : where.watchers) say(watcher, where.last);
  if (where.last.how != static_cast<std::uint8_t>(program::actor_news::kind::gone)) return;
  where.watchers.clear();
  gone_places_.push_back(where.last.actor);
  for (; gone_places_.size() > gone_places_max; gone_places_.pop_front())
    places_.erase(gone_places_.front());
}

// Names.

template <class T>
result<T> cluster_actors::wait_for(std::function<void(std::function<void(result<T>)>)> ask) {
  auto told = std::make_shared<std::promise<result<T>>>();
  auto answer = told->get_future();
  put([ask = std::move(ask), told = std::move(told)]() mutable {
    ask([told](result<T> what) { told->set_value(std::move(what)); });
  });
  try {
    return answer.get();
  } catch (const std::future_error&) {  // dropped: the link is closed
    return closed_fault();
  }
}

result<void> cluster_actors::claim(const std::string& name_space, const std::string& name,
                                   const detail::actor_ref& which) {
  return wait_for<void>([=, this](std::function<void(result<void>)> done) {
    names_.claim({name_space, name}, pack(which), std::move(done));
  });
}

result<detail::actor_ref> cluster_actors::find(const std::string& name_space,
                                               const std::string& name,
                                               std::chrono::nanoseconds wait) {
  const auto until = now() + std::chrono::duration_cast<duration>(wait);
  return wait_for<detail::actor_ref>(
      [=, this](std::function<void(result<detail::actor_ref>)> done) {
        names_.find({name_space, name}, until, actors::now(),
                    [done = std::move(done)](result<transport::name_found> found) {
                      if (!found) return done(std::move(found.error()));
                      auto ref = unpack<detail::actor_ref>(found->target);
                      if (!ref || ref->actor == 0)
                        return done(fault{fault_code::not_found, "what has this name is no actor",
                                          "use another name"});
                      done(std::move(*ref));
                    });
      });
}

void cluster_actors::release(const std::string& name_space, const std::string& name) {
  put([=, this] { names_.release({name_space, name}); });
}

std::string cluster_actors::why_infeasible(const demand& needs) const {
  const std::scoped_lock lock(reasons_mutex_);
  return "no process with " + to_string(needs.amounts) +
         " could be started: " + (last_reason_.empty() ? "the head refused" : last_reason_);
}

/// The link is closed by now.
void cluster_actors::close() {
  std::vector<order> dropped;
  const std::scoped_lock lock(inbox_mutex_);
  is_closed_ = true;
  dropped.swap(inbox_);
}

}  // namespace fabric::actors
