#include "actors/program/cluster_actors.hpp"

#include <cstdio>
#include <cstdlib>
#include <future>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/api/actor_desk.hpp"
#include "actors/api/actor_terms.hpp"
#include "actors/api/invoke.hpp"
#include "actors/api/packed_call.hpp"
#include "actors/clock.hpp"
#include "actors/program/worker_environment.hpp"

namespace fabric::actors {

namespace {

namespace program = transport::program;
using detail::seat;

constexpr std::size_t actor_calls_per_message = 1024;
/// Until the head is asked again to keep a state.
constexpr duration keep_period = std::chrono::milliseconds{500};
/// How long one that is detached may take until it is found.
constexpr std::chrono::seconds detached_patience{60};
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
      aside_(where_.wake),
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
  copy_ = &copy;
  hosts_.open(link, copy);
}

void cluster_actors::live_here() {
  const char* node = std::getenv("FABRIC_NODE_NAME");
  home_ = std::make_unique<actor_service>(
      actor_service::surroundings{.owner = where_.self,
                                  .node = node == nullptr ? std::string{} : std::string{node},
                                  .woken =
                                      [this] {
                                        bool is_news = false;
                                        {
                                          const std::scoped_lock lock(inbox_mutex_);
                                          is_news = !std::exchange(is_told_, true);
                                        }
                                        if (is_news) where_.wake();
                                      },
                                  .session = [this] { return &owner_->session(); },
                                  .objects = where_.objects,
                                  .fetches_arguments = true});
}

/// What its own host says, to others and to itself.
void cluster_actors::hear_home() {
  if (!home_) return;
  for (auto& [whom, what] : home_->fetch()) {
    if (whom == where_.self)
      heard(whom, what);
    else
      say(whom, what);
  }
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
      if (home_)
        put([this] {
          if (!std::exchange(is_home_ready_, true))
            owner_->happened(roster::event::host_ready{host_of(where_.self), {}});
        });
      else
        put([this, pool = crew_pool(want->pool), shape = owner_->shape_of(want->pool),
             count = want->hosts] { hosts_.want(pool, shape, count); });
    } else if (const auto* make_one = std::get_if<roster::command::make>(&c)) {
      put([this, what = *make_one, birth = owner_->birth_of(make_one->actor)] {
        make(what.host, what.life, birth);
      });
    } else if (const auto* end = std::get_if<roster::command::end>(&c)) {
      put([this, what = *end] {
        say(process_of(what.host), program::actor_end{what.actor.value, what.life});
        if (what.by_force) cancel_host(process_of(what.host));
      });
    } else if (const auto* release = std::get_if<roster::command::release>(&c)) {
      put([this, what = *release] {
        const auto known = by_process_.find(process_of(what.host));
        if (known == by_process_.end()) return;
        where_.objects->pull(known->first);
        say(known->first, program::retire{});
        if (what.by_force) cancel_host(known->first);
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
  const auto hand_over = [this, to, host, life, number, call](detail::packed_call with) {
    if (with.why_not) {
      call->attempt_failure = std::move(with.why_not);
      return put([this, to, number, life] {
        owner_->answered(to, number, life, roster::line::answer::done);
      });
    }
    call->keep_for_others(std::move(with.objects));
    put(outgoing_call{process_of(host),
                      to->ref.actor,
                      life,
                      {number, std::string(call->function()->name), std::move(with.arguments)}});
  };
  if (!is_packing(*to))
    if (auto made = detail::pack_at_once(*call, where_.self.value))
      return hand_over(std::move(*made));
  note_packing(*to, 1);
  aside_.run([this, to, call, hand_over] {
    hand_over(detail::pack_whole(*call, where_.self.value));
    note_packing(*to, -1);
    return side_work::news{};
  });
}

void cluster_actors::stop(const std::shared_ptr<seat>& to, roster::host_id host,
                          roster::incarnation, std::uint64_t number) {
  const outgoing_stop what{process_of(host), {to->ref.actor, number}};
  if (!is_packing(*to)) return put(what);
  aside_.run([this, what] {
    put(what);
    return side_work::news{};
  });
}

bool cluster_actors::is_packing(const seat& to) const {
  const std::scoped_lock lock(inbox_mutex_);
  return packing_.contains(&to);
}

void cluster_actors::note_packing(const seat& to, int calls) {
  const std::scoped_lock lock(inbox_mutex_);
  if ((packing_[&to] += calls) == 0) packing_.erase(&to);
}

void cluster_actors::settle() {}

void cluster_actors::run_aside(std::function<void()> work) {
  aside_.run([work = std::move(work)] {
    work();
    return side_work::news{};
  });
}

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

// Detached actors.

result<std::string> cluster_actors::ask_and_wait(transport::message what) {
  return wait_for<std::string>(
      [this, what = std::move(what)](std::function<void(result<std::string>)> done) {
        link_->ask(what, [done = std::move(done)](result<transport::message> answer) {
          if (!answer) return done(std::move(answer.error()));
          const auto* text = std::get_if<transport::answer>(&*answer);
          done(text == nullptr ? std::string{} : text->body);
        });
      });
}

result<std::optional<std::string>> cluster_actors::kept_state() {
  auto answer = ask_and_wait(transport::ask{.topic = "kept", .arguments = "{}"});
  if (!answer) return std::move(answer.error());
  const auto parsed = nlohmann::json::parse(*answer, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("state")) return std::optional<std::string>{};
  const auto text = parsed.value("state", std::string{});
  auto state = transport::from_hex(text, text.size() / 2);
  if (!state) return std::move(state.error());
  return std::optional{std::move(*state)};
}

/// One at a time, the newest: what waits for an older one waits for it as well. Where the head
/// cannot for now, it is asked again.
void cluster_actors::keep_at_head(instant now) {
  auto& k = keeping_;
  if (k.is_under_way || k.numbers.empty() || now < k.not_before) return;
  k.is_under_way = true;
  link_->ask(transport::ask{.topic = "keep",
                            .arguments = "{\"state\":\"" + transport::to_hex(k.state) + "\"}"},
             [this, numbers = std::exchange(k.numbers, {})](
                 const result<transport::message>& answer) mutable {
               auto& mine = keeping_;
               mine.is_under_way = false;
               const bool is_hopeless = !answer && answer.error().code != fault_code::busy &&
                                        advice_of(answer.error().code) == retry_advice::never;
               if (is_hopeless)
                 std::fprintf(stderr, "fabric actor: its state is kept in its process only: %s\n",
                              to_line(answer.error()).c_str());
               if (answer || is_hopeless) {
                 for (const auto number : numbers) say(where_.self, program::actor_kept{number});
                 return where_.wake();
               }
               mine.numbers.insert(mine.numbers.begin(), numbers.begin(), numbers.end());
               mine.not_before = actors::now() + keep_period;
             });
}

/// The actor's process works with a key of its own, which the head admits for good.
result<detail::actor_ref> cluster_actors::spawn_detached(detail::actor_birth how,
                                                         const actor_options& terms) {
  if (auto taken = find(terms.name_space, terms.name, {}))
    return fault{fault_code::key_conflict, "another actor has the name " + terms.name,
                 "find it, or choose another name"};
  const auto keys = transport::make_key_pair();
  const auto plan = plan_of(how, terms, transport::to_hex(keys.public_key));
  if (auto admitted = ask_and_wait(
          transport::ask{.topic = "admit", .arguments = "{\"key\":\"" + plan.home + "\"}"});
      !admitted)
    return std::move(admitted.error());
  auto submitted = wait_for<void>([=, this](std::function<void(result<void>)> done) {
    submit_detached(plan, terms, keys, std::move(done));
  });
  if (!submitted) return std::move(submitted.error());
  auto found = find(terms.name_space, terms.name, detached_patience);
  if (found && found->home != plan.home)
    return fault{fault_code::key_conflict, "another actor has the name " + terms.name,
                 "find it, or choose another name"};
  if (!found)
    return fault{fault_code::not_found,
                 "the actor " + terms.name + " has not come to life within " +
                     std::to_string(detached_patience.count()) + " s",
                 "fabricd list jobs says why it waits or failed; find it by its name later"};
  return found;
}

void cluster_actors::submit_detached(const detached_plan& plan, const actor_options& terms,
                                     const transport::key_pair& keys,
                                     std::function<void(result<void>)> done) {
  copy_->ensure([=, this, done = std::move(done)](const result<void>& copied) {
    if (!copied) return done(copied);
    constexpr std::uint32_t retries_max = 1000;
    transport::submit job{.name = copy_->what().name + ":" + plan.name,
                          .key = "detached/" + plan.home,
                          .payload = where_.command_with(
                              {worker_variable_of(program_id{}, where_.server_public_key, keys),
                               detached_variable_of(pack(plan))}),
                          .needs = detail::demand_of_actor(terms),
                          .priority = terms.priority,
                          .retries = std::min(terms.restarts.most, retries_max),
                          .backoff_first = std::chrono::milliseconds{100},
                          .poison_after = std::min(terms.restarts.most, retries_max) + 1};
    link_->ask(std::move(job), [done](result<transport::message> answer) {
      done(answer ? result<void>{} : result<void>{std::move(answer.error())});
    });
  });
}

void cluster_actors::leave_for_good(std::optional<task_id> task) {
  static_cast<void>(ask_and_wait(transport::ask{.topic = "revoke", .arguments = "{}"}));
  if (task)
    static_cast<void>(ask_and_wait(
        transport::ask{.topic = "cancel", .arguments = "{\"id\":\"" + to_string(*task) + "\"}"}));
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
  hear_home();
  keep_at_head(now);
  if (!keeping_.numbers.empty() && !keeping_.is_under_way)
    return std::min({hosts_.turn(now), names_.turn(now), keeping_.not_before});
  return std::min(hosts_.turn(now), names_.turn(now));
}

/// Calls in a row to one actor share a message.
void cluster_actors::perform(std::vector<order>& orders) {
  program_id host;
  program::actor_calls batch;
  for (auto& one : orders) {
    auto* call = std::get_if<outgoing_call>(&one);
    const bool joins = call != nullptr && call->host == host && call->actor == batch.actor &&
                       call->life == batch.life && batch.which.size() < actor_calls_per_message;
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
    say(host, std::exchange(batch, {}));
  batch = {};
}

void cluster_actors::say(program_id to, const program::message& what) {
  if (to == program_id{} || gone_.contains(to)) return;
  if (to != where_.self) return link_->say(to, what);
  auto own = what;
  if (home_ == nullptr || !home_->take(to, own)) heard(to, own);
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
  where_.objects->gone(process);
  link_->forget(process);
}

/// A host of ours that is out of sight: whether it still runs, the head says when its task is
/// final. What was asked of it will not be answered in any case.
void cluster_actors::gone(program_id who) {
  gone_.insert(who);
  for (auto& [actor, where] : places_) where.watchers.erase(who);
  cancel_host(who);
  owner_->host_lost(host_of(who));
  owner_->owner_lost(who.value);
}

/// Whether it is gone then, the head says.
void cluster_actors::cancel_host(program_id process) {
  const auto known = by_process_.find(process);
  if (known == by_process_.end()) return;
  if (const auto task = hosts_.crew().task_of(known->second)) hosts_.cancel(*task);
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
  if (home_ && from != where_.self && home_->take(from, what)) return true;
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
  if (home_) {
    keeping_.state = what.state;
    keeping_.numbers.push_back(what.number);
  }
  const auto objects = std::move(what.objects);
  where_.objects->receive(
      from, objects,
      [this, from, kept = std::make_shared<program::actor_saved>(std::move(what))](
          const object_exchange::references& held) {
        detail::actor_desk::checkpoint saved{std::move(kept->state), {}, kept->number};
        for (const auto& each : held) saved.objects.push_back({each});
        owner_->saved(roster::actor_id{kept->actor}, kept->life, std::move(saved));
        if (!home_) say(from, program::actor_kept{kept->number});
      });
}

/// Results that lie in objects are read when these are here, and aside: they are large.
void cluster_actors::take(program_id from, program::actor_outcomes& what) {
  for (auto& one : what.which) {
    if (one.objects.empty()) {
      take(what.owner, one);
      continue;
    }
    const auto objects = std::move(one.objects);
    where_.objects->receive(
        from, objects,
        [this, owner = what.owner, kept = std::make_shared<program::actor_outcome>(std::move(one))](
            const object_exchange::references& held) {
          aside_.run([this, owner, kept, held] {
            take(owner, *kept);
            return side_work::news{};
          });
        });
  }
}

void cluster_actors::take(program_id owner, const program::actor_outcome& what) {
  const auto at = owner_->known_seat(owner.value, what.actor);
  if (!at) return;
  using kind = program::actor_outcome::kind;
  if (what.how == static_cast<std::uint8_t>(kind::unbegun))
    return owner_->answered(at, what.number, what.life, roster::line::answer::unbegun);
  if (const auto call = owner_->open_call(*at, what.number)) {
    detail::take_outcome(*call, what.how == static_cast<std::uint8_t>(kind::value), what.bytes);
    call->keep_for_others({});
  }
  owner_->answered(at, what.number, what.life, roster::line::answer::done);
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
    // The head gives a program's name its new target; here it is one actor's until that is gone.
    if (names_.claims({name_space, name}))
      return done(fault{fault_code::key_conflict, "another actor has the name " + name,
                        "find it, or choose another name"});
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
  return "no process with " + to_string(needs) +
         " could be started: " + (last_reason_.empty() ? "the head refused" : last_reason_);
}

void cluster_actors::tell_to_stop() {
  if (home_) home_->tell_to_stop();
}

/// The link is closed by now.
void cluster_actors::close() {
  aside_.close();
  if (home_) home_->close();
  std::vector<order> dropped;
  const std::scoped_lock lock(inbox_mutex_);
  is_closed_ = true;
  dropped.swap(inbox_);
}

}  // namespace fabric::actors
