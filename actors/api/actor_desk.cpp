#include "actors/api/actor_desk.hpp"

#include <algorithm>
#include <utility>

#include "actors/api/actor_terms.hpp"
#include "actors/api/terms.hpp"

namespace fabric::detail {

namespace {

/// Calls `then(failed)` when all of these are over: at once where they are.
void when_over(const state_base& call, std::function<void(const state_base* failed)> then) {
  std::vector<state_base*> on;
  call.dependencies(on);
  struct waiting {
    std::atomic<std::size_t> missing;
    std::vector<counted<state_base>> all;
    std::function<void(const state_base*)> then;
    void done() {
      if (missing.fetch_sub(1) != 1) return;
      const auto bad =
          std::ranges::find_if(all, [](const auto& s) { return s->now() == phase::failed; });
      then(bad == all.end() ? nullptr : bad->get());
    }
  };
  auto w = std::make_shared<waiting>();
  w->missing = on.size() + 1;
  w->then = std::move(then);
  for (auto* one : on) w->all.push_back(counted<state_base>::sharing(one));
  for (auto* one : on) {
    if (one->now() != phase::pending)
      w->done();
    else
      one->on_done(make_callback([w] { w->done(); }));
  }
  w->done();
}

bool is_ready(const state_base& call) {
  std::vector<state_base*> on;
  call.dependencies(on);
  return std::ranges::none_of(on, [](const auto* s) { return s->now() == phase::pending; });
}

failure failure_of_argument(const state_base& bad) {
  return {.kind = error_kind::dependency_failed,
          .what = "its argument failed: " + std::string(error{bad.why()}.what())};
}

std::string in_words(const failure& why) {
  return (why.type.empty() ? "" : why.type + ": ") + why.what;
}

/// A task's slot is lent while it waits outside of a future.
template <class Fn>
auto lending_slot(Fn fn) {
  auto* task = current_task();
  if (task == nullptr) return fn();
  task->pause();
  auto out = fn();
  task->go_on();
  return out;
}

}  // namespace

actor_desk::actor_desk(desk& owner, actor_fleet& where)
    : owner_(owner),
      fleet_(where),
      timers_({.is_open = [this](seat& at, std::uint64_t n) { return bool(open_call(at, n)); },
               .expire = [this](seat& at, std::uint64_t n) { run_out_of_time(at, n); }}) {
  fleet_.open(*this);
}

actor_desk::~actor_desk() = default;

// What programs ask for.

std::shared_ptr<seat> actor_desk::spawn(const actor_options& how, const class_entry& of,
                                        counted<state_base> arguments) {
  if (!owner_.is_of_this_process()) throw_usage("a session is used in a child of fork");
  check_actor_options(how, of);
  actor_birth birth{.ref = {fleet_.program(), 0, how.pending_max,
                            how.name.empty() ? std::string(of.name) : how.name},
                    .class_name = std::string(of.name),
                    .concurrency = how.concurrency,
                    .checkpoint_every = how.checkpoint_every,
                    .ends_on_exception = how.exceptions == on_exception::fail_actor};
  if (how.life == lifetime::detached) {
    if (how.name.empty())
      throw_usage(
          "a detached actor has no name; it is found by nothing else when its program ends");
    if (!is_ready(*arguments)) throw_usage("a detached actor is spawned with values, not futures");
    writer packed;
    packing_for_others packs(fleet_.program(), large_values::stay);
    arguments->pack_arguments(packed);
    birth.arguments = packed.take();
    const auto objects = packs.take();
    auto made = lending_slot([&] { return fleet_.spawn_detached(std::move(birth), how); });
    if (!made) throw_fault_of_name(made.error(), how.name);
    auto at = seat_of(*made);
    return objects.empty() ? at : lending_slot([&] { return once_made(at); });
  }
  auto at = seat_for(how, birth);
  when_over(*arguments, [this, at, birth, how, arguments](const state_base* bad) {
    if (bad == nullptr) return pack_and_enter(at, birth, how, arguments);
    enter(at, birth, how, {.why_not = std::make_unique<failure>(failure_of_argument(*bad))});
  });
  return at;
}

/// On whatever thread has the last of its arguments: what takes long is done aside.
void actor_desk::pack_and_enter(const std::shared_ptr<seat>& at, const actor_birth& birth,
                                const actor_options& how, const counted<state_base>& arguments) {
  if (!fleet_.is_remote()) return enter(at, birth, how, pack_to_stay(*arguments));
  if (auto made = pack_at_once(*arguments, fleet_.program()))
    return enter(at, birth, how, std::move(*made));
  fleet_.run_aside([this, at, birth, how, arguments] {
    enter(at, birth, how, pack_whole(*arguments, fleet_.program()));
  });
}

/// Into the roster, where its arguments could be packed.
void actor_desk::enter(const std::shared_ptr<seat>& at, actor_birth birth, const actor_options& how,
                       packed_call arguments) {
  if (!arguments.why_not) {
    birth.arguments = std::move(arguments.arguments);
    birth.objects = std::move(arguments.objects);
    return enter(at, std::move(birth), how);
  }
  later out;
  {
    const std::lock_guard lock(mutex_);
    end_unborn(at, {birth.ref.label, gone_reason::not_made, 0, in_words(*arguments.why_not)}, out);
  }
  if (!how.name.empty()) out.names.emplace_back(how.name_space, how.name);
  settle(out);
}

/// It has its name before it has fetched what its arguments refer to.
std::shared_ptr<seat> actor_desk::once_made(const std::shared_ptr<seat>& at) {
  watch_if_foreign(at);
  std::unique_lock lock(at->mutex);
  at->changed.wait(lock, [&] { return at->is_up || at->end; });
  return at;
}

/// With its number, and its name if it has one.
std::shared_ptr<seat> actor_desk::seat_for(const actor_options& how, actor_birth& birth) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_)
      throw_failure({.kind = error_kind::session_closed, .what = "the session has ended"});
    if (how.group.number() > groups_) throw_usage("the group is of another session");
    birth.ref.actor = ++actors_;
  }
  auto at = std::make_shared<seat>(desk_ref{&owner_}, birth.ref, true);
  {
    const std::lock_guard lock(seats_mutex_);  // whoever finds its name asks for it
    seats_[{at->ref.owner, at->ref.actor}] = at;
  }
  if (!how.name.empty()) {
    auto claimed = lending_slot([&] { return fleet_.claim(how.name_space, how.name, birth.ref); });
    if (!claimed) throw_fault_of_name(claimed.error(), how.name);
  }
  return at;
}

std::shared_ptr<seat> actor_desk::spawn_packed(const actor_options& how, actor_birth birth) {
  birth.ref.owner = fleet_.program();
  auto at = seat_for(how, birth);
  enter(at, std::move(birth), how);
  return at;
}

/// Into the roster.
void actor_desk::enter(const std::shared_ptr<seat>& at, actor_birth birth,
                       const actor_options& how) {
  later out;
  {
    const std::lock_guard lock(mutex_);
    {
      const std::lock_guard seated(at->mutex);
      if (at->end) out.names.emplace_back(how.name_space, how.name);
    }
    if (out.names.empty()) {
      const roster::actor_id id{at->ref.actor};
      auto& own = owned_[id];
      own = {.at = at, .birth = std::move(birth), .name = how.name, .name_space = how.name_space};
      const auto pool = pool_of(how, own.needs);
      step(roster::event::spawned{id,
                                  pool,
                                  roster::group_id{how.group.number()},
                                  {how.restarts.most, how.restarts.within}},
           out);
    }
  }
  settle(out);
}

roster::pool_id actor_desk::pool_of(const actor_options& how, demand& needs) {
  calls::pool_shape shape{demand_of_actor(how), how.priority};
  needs = shape.needs;
  if (needs.amounts.begin() == needs.amounts.end() && needs.where.empty()) return {};
  const auto found = std::ranges::find(shapes_, shape);
  if (found != shapes_.end()) return {static_cast<std::uint64_t>(found - shapes_.begin()) + 1};
  shapes_.push_back(std::move(shape));
  return {shapes_.size()};
}

std::uint64_t actor_desk::make_group(supervision how, restart_rules rules) {
  check_restart_rules(rules);
  later out;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++groups_;
    step(
        roster::event::group_made{
            {number}, static_cast<roster::strategy>(how), {rules.most, rules.within}},
        out);
  }
  settle(out);
  return number;
}

std::shared_ptr<seat> actor_desk::find(std::string_view name, std::string_view name_space,
                                       std::chrono::nanoseconds wait) {
  auto found =
      lending_slot([&] { return fleet_.find(std::string(name_space), std::string(name), wait); });
  if (!found) throw_fault_of_name(found.error(), name);
  return seat_of(*found);
}

std::shared_ptr<seat> actor_desk::seat_of(const actor_ref& which) {
  const std::lock_guard lock(seats_mutex_);
  auto& known = seats_[{which.owner, which.actor}];
  if (auto at = known.lock()) return at;
  auto at = std::make_shared<seat>(desk_ref{&owner_}, which, which.owner == fleet_.program());
  if (at->is_own)  // no handle of it is left, and it is gone
    at->end = gone{which.label, gone_reason::closed, 0, "it was gone before"};
  if (at->is_own) {
    roster::line::orders none;
    at->calls.gone(true, none);
  }
  known = at;
  if (seats_.size() > seats_swept_at_) {
    std::erase_if(seats_, [](const auto& one) { return one.second.expired(); });
    seats_swept_at_ = std::max<std::size_t>(64, seats_.size() * 2);
  }
  return at;
}

std::vector<std::shared_ptr<seat>> actor_desk::seats() const {
  const std::lock_guard lock(seats_mutex_);
  std::vector<std::shared_ptr<seat>> all;
  for (const auto& [ref, known] : seats_)
    if (auto at = known.lock()) all.push_back(std::move(at));
  return all;
}

std::shared_ptr<seat> actor_desk::known_seat(std::uint64_t owner, std::uint64_t actor) const {
  const std::lock_guard lock(seats_mutex_);
  const auto found = seats_.find({owner, actor});
  return found == seats_.end() ? nullptr : found->second.lock();
}

void actor_desk::watch_if_foreign(const std::shared_ptr<seat>& at) {
  if (at->is_own) return;
  {
    const std::lock_guard lock(at->mutex);
    if (at->end || std::exchange(at->is_watched, true)) return;
  }
  fleet_.watch(at);
}

// Calls.

void actor_desk::call(const std::shared_ptr<seat>& at, const actor_call_options& how,
                      counted<state_base> call) {
  if (!owner_.is_of_this_process()) throw_usage("a session is used in a child of fork");
  check_call_options(how);
  watch_if_foreign(at);
  const bool ready = is_ready(*call);
  later out;
  std::uint64_t number = 0;
  {
    std::unique_lock lock(at->mutex);
    for (;;) {
      number = at->calls.last() + 1;
      at->open[number] = call;
      roster::line::orders orders;
      const auto entrance = at->calls.enter(ready, how.may_repeat, orders);
      if (entrance == roster::line::entrance::entered) {
        *call->place_in_line() = {at, number};
        carry_out(at, orders, out);
        break;
      }
      at->open.erase(number);
      if (entrance == roster::line::entrance::dead) {
        auto why = failure_of_dead(*at, false);
        why.function = call->function()->name;
        lock.unlock();
        return call->complete(std::make_unique<failure>(std::move(why)));
      }
      if (how.full == when_full::refuse || !wait_for_room(*at, lock))
        throw_failure({.kind = error_kind::busy,
                       .what = "this program has " + std::to_string(at->ref.pending_max) +
                               " open calls to the actor " + at->ref.label +
                               ", as many as its pending_max; wait for some of them",
                       .function = std::string(call->function()->name)});
    }
  }
  if (how.timeout.count() > 0)
    timers_.set(at, number, clock_now() + std::chrono::duration_cast<duration>(how.timeout));
  when_over(*call, [this, at, number, call, ready](const state_base* bad) {
    if (bad != nullptr) return withdraw(*at, number, *call, failure_of_argument(*bad));
    if (ready) return;
    later more;
    {
      const std::lock_guard lock(at->mutex);
      roster::line::orders orders;
      at->calls.ready(number, orders);
      carry_out(at, orders, more);
    }
    settle(more);
  });
  settle(out);
}

/// False where it would wait for itself.
bool actor_desk::wait_for_room(seat& at, std::unique_lock<std::mutex>& lock) {
  auto* task = current_task();
  if (task != nullptr && task->actor() != nullptr && task->actor()->ref() == at.ref) return false;
  const auto has_room = [&] {
    return at.calls.pending() < at.ref.pending_max || at.calls.is_gone();
  };
  if (auto* own = desk::of_this_thread()) {
    lock.unlock();
    own->run_a_callback();
    lock.lock();
  } else if (task == nullptr) {
    at.changed.wait(lock, has_room);
  } else {
    lock.unlock();
    const auto stop = task->stop_token();
    task->pause();
    {
      const std::stop_callback wake(stop, [&] {
        const std::lock_guard again(at.mutex);
        at.changed.notify_all();
      });
      lock.lock();
      at.changed.wait(lock, [&] { return has_room() || stop.stop_requested(); });
      lock.unlock();
    }
    task->go_on();
    lock.lock();
    if (stop.stop_requested() && !has_room())
      throw_failure({.kind = error_kind::cancelled,
                     .what = "the task was asked to stop while it waited to call an actor"});
  }
  return true;
}

/// Under the seat's lock.
void actor_desk::carry_out(const std::shared_ptr<seat>& at, const roster::line::orders& orders,
                           later& out) {
  const auto take = [&](std::uint64_t number) {
    const auto found = at->open.find(number);
    if (found == at->open.end()) return counted<state_base>{};
    auto call = std::move(found->second);
    at->open.erase(found);
    return call;
  };
  for (const auto& one : orders) {
    if (const auto* send = std::get_if<roster::line_command::send>(&one)) {
      fleet_.send(at, at->calls.host(), send->life, send->call, at->open.at(send->call));
    } else if (const auto* stop = std::get_if<roster::line_command::stop>(&one)) {
      fleet_.stop(at, at->calls.host(), stop->life, stop->call);
    } else if (const auto* unknown = std::get_if<roster::line_command::unknown>(&one)) {
      if (auto call = take(unknown->call))
        out.ended.push_back({call, std::make_unique<failure>(failure{
                                       .kind = error_kind::outcome_unknown,
                                       .what = "the process of the actor " + at->ref.label +
                                               " was lost; whether the call ran is not known",
                                       .function = std::string(call->function()->name)})});
    } else if (const auto* dead = std::get_if<roster::line_command::dead>(&one)) {
      if (auto call = take(dead->call)) {
        auto why = failure_of_dead(*at, dead->was_sent);
        why.function = call->function()->name;
        out.ended.push_back({call, std::make_unique<failure>(std::move(why))});
      }
    }
  }
  at->changed.notify_all();
}

failure actor_desk::failure_of_dead(const seat& at, bool was_sent) const {
  const auto& end = *at.end;
  if (at.is_own && end.reason == gone_reason::closed)
    return {.kind = error_kind::session_closed, .what = "the session ended before the call did"};
  std::string text = "the actor " + at.ref.label + " is gone (" + std::string(name_of(end.reason)) +
                     (end.what.empty() ? "" : ": " + end.what) + "); ";
  text += was_sent ? "whether the call ran is not known" : "the call did not run";
  return {.kind = error_kind::actor_gone, .what = std::move(text)};
}

void actor_desk::withdraw(seat& at, std::uint64_t number, state_base& call, failure why) {
  later out;
  {
    const std::lock_guard lock(at.mutex);
    const auto found = at.open.find(number);
    if (found == at.open.end()) return;
    why.function = call.function()->name;
    out.ended.push_back({std::move(found->second), std::make_unique<failure>(std::move(why))});
    at.open.erase(found);
    roster::line::orders orders;
    at.calls.drop(number, orders);
    carry_out(call.place_in_line()->at, orders, out);
  }
  settle(out);
}

counted<state_base> actor_desk::open_call(seat& at, std::uint64_t number) {
  const std::lock_guard lock(at.mutex);
  const auto found = at.open.find(number);
  return found == at.open.end() ? counted<state_base>{} : found->second;
}

void actor_desk::answered(const std::shared_ptr<seat>& at, std::uint64_t number,
                          roster::incarnation life, roster::line::answer how) {
  later out;
  {
    const std::lock_guard lock(at->mutex);
    roster::line::orders orders;
    if (at->calls.answered(number, life, how, orders)) {
      if (const auto found = at->open.find(number); found != at->open.end()) {
        auto why = std::move(found->second->attempt_failure);
        if (why) {
          why->attempt = life;
          why->function = found->second->function()->name;
        }
        out.ended.push_back({std::move(found->second), std::move(why)});
        at->open.erase(found);
      }
    }
    carry_out(at, orders, out);
  }
  settle(out);
}

// Ends, monitors, states.

void actor_desk::kill(const std::shared_ptr<seat>& at) {
  if (!owner_.is_of_this_process()) throw_usage("a session is used in a child of fork");
  if (!at->is_own) return fleet_.kill_elsewhere(at);
  later out;
  {
    const std::lock_guard lock(mutex_);
    const roster::actor_id id{at->ref.actor};
    if (owned_.contains(id))
      step(roster::event::kill_requested{id}, out);
    else
      end_unborn(at, {at->ref.label, gone_reason::killed, 0, {}}, out);
  }
  settle(out);
}

void actor_desk::monitor(const std::shared_ptr<seat>& at, gone_callback then) {
  watch_if_foreign(at);
  later out;
  {
    const std::lock_guard lock(at->mutex);
    if (at->end)
      out.monitors.emplace_back(std::move(then), *at->end);
    else
      at->monitors.push_back(std::move(then));
  }
  settle(out);
}

actor_status actor_desk::status_of(const std::shared_ptr<seat>& at) {
  watch_if_foreign(at);
  const std::lock_guard lock(at->mutex);
  if (at->end) return actor_status::gone;
  if (at->is_up) return actor_status::alive;
  return at->calls.life() == 0 ? actor_status::starting : actor_status::restarting;
}

std::uint32_t actor_desk::life_of(const std::shared_ptr<seat>& at) {
  watch_if_foreign(at);
  const std::lock_guard lock(at->mutex);
  return at->calls.life();
}

void actor_desk::end(const std::shared_ptr<seat>& at, gone why, bool at_once, later& out) {
  const std::lock_guard lock(at->mutex);
  if (at->end) return;
  at->end = std::move(why);
  at->is_up = false;
  for (auto& then : at->monitors) out.monitors.emplace_back(std::move(then), *at->end);
  at->monitors.clear();
  roster::line::orders orders;
  at->calls.gone(at_once, orders);
  carry_out(at, orders, out);
}

/// Under the lock: one that did not come into the roster. Those who found its name are told, too.
void actor_desk::end_unborn(const std::shared_ptr<seat>& at, gone why, later& out) {
  const roster::actor_id id{at->ref.actor};
  const roster::command_type told =
      roster::command::gone{id, static_cast<roster::reason>(why.reason), 0};
  end(at, std::move(why), true, out);
  owned_[id].at = at;
  fleet_.carry_out({&told, 1});
  owned_.erase(id);
}

void actor_desk::settle(later& out) {
  for (auto& [name_space, name] : out.names)
    if (!name.empty()) fleet_.release(name_space, name);
  for (auto& one : out.ended) one.call->complete(std::move(one.why));
  std::vector<std::unique_ptr<callback>> due;
  for (auto& [then, why] : out.monitors)
    due.push_back(make_callback([then = std::move(then), why = std::move(why)] {
      try {
        then(why);
      } catch (...) {  // it has nobody to tell
      }
    }));
  if (!due.empty()) owner_.post(std::move(due));
  fleet_.settle();
}

// The roster.

void actor_desk::happened(const roster::event_type& what) {
  later out;
  {
    const std::lock_guard lock(mutex_);
    if (const auto* lost = std::get_if<roster::event::host_lost>(&what)) lose_host(lost->host, out);
    step(what, out);
  }
  settle(out);
}

void actor_desk::not_made(roster::host_id at, roster::actor_id which, roster::incarnation life,
                          failure why) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto own = owned_.find(which); own != owned_.end()) own->second.why = std::move(why);
  }
  happened(roster::event::not_made{at, which, life});
}

void actor_desk::ended(roster::host_id at, roster::actor_id which, roster::incarnation life,
                       roster::event::how_ended how, failure why) {
  if (how == roster::event::how_ended::failed) {
    const std::lock_guard lock(mutex_);
    if (const auto own = owned_.find(which); own != owned_.end()) own->second.why = std::move(why);
  }
  happened(roster::event::ended{at, which, life, how});
}

/// One whose objects came from afar may come after the next one.
void actor_desk::saved(roster::actor_id which, roster::incarnation life, checkpoint what) {
  std::vector<carried_hold> before;  // goes without the lock
  const std::lock_guard lock(mutex_);
  const auto found = owned_.find(which);
  if (found == owned_.end() || book_.life_of(which) != life) return;
  auto& own = found->second;
  if (own.saved_in == life && what.number < own.saved_last) return;
  own.saved_in = life;
  own.saved_last = what.number;
  own.birth.has_state = true;
  own.birth.state = std::move(what.state);
  before = std::exchange(own.birth.state_objects, std::move(what.objects));
}

void actor_desk::step(const roster::event_type& what, later& out) {
  commands_.clear();
  book_.step(what, clock_now(), commands_);
  for (const auto& c : commands_) {
    if (const auto* alive = std::get_if<roster::command::alive>(&c)) on(*alive, out);
    if (const auto* down = std::get_if<roster::command::down>(&c)) on(*down, out);
    if (const auto* gone = std::get_if<roster::command::gone>(&c)) on(*gone, out);
  }
  fleet_.carry_out(commands_);
  for (const auto& c : commands_)
    if (const auto* gone = std::get_if<roster::command::gone>(&c)) owned_.erase(gone->actor);
}

void actor_desk::on(const roster::command::alive& what, later& out) {
  const auto& at = owned_.at(what.actor).at;
  const std::lock_guard lock(at->mutex);
  at->is_up = true;
  roster::line::orders orders;
  at->calls.alive(what.life, what.host, orders);
  carry_out(at, orders, out);
}

void actor_desk::on(const roster::command::down& what, later&) {
  const auto& at = owned_.at(what.actor).at;
  const std::lock_guard lock(at->mutex);
  at->is_up = false;
  at->calls.down();
}

void actor_desk::on(const roster::command::gone& what, later& out) {
  const auto& own = owned_.at(what.actor);
  gone why{own.at->ref.label, static_cast<gone_reason>(what.why), what.restarts, {}};
  if (own.why && (what.why == roster::reason::failed || what.why == roster::reason::not_made ||
                  what.why == roster::reason::restart_limit))
    why.what = in_words(*own.why);
  if (what.why == roster::reason::infeasible) why.what = fleet_.why_infeasible(own.needs);
  out.names.emplace_back(own.name_space, own.name);
  const bool at_once = what.why == roster::reason::killed || what.why == roster::reason::closed;
  end(own.at, std::move(why), at_once, out);
}

void actor_desk::lose_host(roster::host_id where, later& out) {
  for (const auto& at : seats()) {
    const std::lock_guard lock(at->mutex);
    roster::line::orders orders;
    at->calls.host_lost(where, orders);
    carry_out(at, orders, out);
  }
}

actor_birth actor_desk::birth_of(roster::actor_id which) const { return owned_.at(which).birth; }

const calls::pool_shape& actor_desk::shape_of(roster::pool_id which) const {
  static const calls::pool_shape nothing;
  return which.value == 0 ? nothing : shapes_[which.value - 1];
}

std::shared_ptr<seat> actor_desk::seat_of_own(roster::actor_id which) const {
  const auto own = owned_.find(which);
  return own == owned_.end() ? nullptr : own->second.at;
}

// Actors of others.

void actor_desk::is_alive(const std::shared_ptr<seat>& at, roster::incarnation life,
                          roster::host_id where) {
  later out;
  {
    const std::lock_guard lock(at->mutex);
    at->is_up = true;
    at->changed.notify_all();
    roster::line::orders orders;
    at->calls.alive(life, where, orders);
    carry_out(at, orders, out);
  }
  settle(out);
}

void actor_desk::is_down(const std::shared_ptr<seat>& at) {
  const std::lock_guard lock(at->mutex);
  at->is_up = false;
  at->calls.down();
}

void actor_desk::is_gone(const std::shared_ptr<seat>& at, gone why) {
  later out;
  const bool at_once = why.reason == gone_reason::killed || why.reason == gone_reason::closed;
  end(at, std::move(why), at_once, out);
  settle(out);
}

void actor_desk::host_lost(roster::host_id where) {
  later out;
  lose_host(where, out);
  settle(out);
}

void actor_desk::owner_lost(std::uint64_t program) {
  for (const auto& at : seats())
    if (!at->is_own && at->ref.owner == program)
      is_gone(at,
              {at->ref.label, gone_reason::closed, 0, "the program that it belongs to is gone"});
}

void actor_desk::run_out_of_time(seat& at, std::uint64_t number) {
  if (const auto call = open_call(at, number))
    withdraw(at, number, *call,
             {.kind = error_kind::timed_out,
              .what = "it was over its timeout; if it had begun, it was told to stop"});
}

// The end.

void actor_desk::end_all() {
  later out;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    step(roster::event::closed{}, out);
  }
  settle(out);
  for (const auto& at : seats())
    is_gone(at, {at->ref.label, gone_reason::closed, 0, "this session ended"});
  fleet_.tell_to_stop();
}

void actor_desk::close() {
  fleet_.close();
  timers_.end();
}

}  // namespace fabric::detail
