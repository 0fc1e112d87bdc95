#include "actors/api/desk.hpp"

#include <pthread.h>

#include <algorithm>
#include <ctime>

#include "actors/api/actor_desk.hpp"
#include "actors/api/object_house.hpp"
#include "resources/check.hpp"

namespace fabric::detail {

namespace {

std::atomic<unsigned> forks{0};
thread_local desk* callbacks_of = nullptr;

/// How long reports of short calls may be held back, see `fleet::flush`.
constexpr std::chrono::milliseconds flush_period{1};

}  // namespace

unsigned forks_so_far() {
  static const int registered = pthread_atfork(nullptr, nullptr, [] { ++forks; });
  FABRIC_CHECK(registered == 0);
  return forks.load(std::memory_order_relaxed);
}

instant clock_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return instant{std::chrono::seconds{now.tv_sec}} +
         std::chrono::duration_cast<duration>(std::chrono::nanoseconds{now.tv_nsec});
}

void add_ref_of(desk* d) { d->add_ref(); }

void release_of(desk* d) { d->release(); }

/// A worker process takes some 40 ms to start, on a busy machine more. One that idles is given up
/// as soon as others wait.
constexpr calls::book_settings remote{.idle_after = std::chrono::seconds{3},
                                      .quantum = std::chrono::seconds{1},
                                      .worker_cost = std::chrono::milliseconds{50}};

desk::desk(std::unique_ptr<fleet> where)
    : fleet_(std::move(where)),
      forks_(forks_so_far()),
      objects_(std::make_unique<object_visit>()),
      book_(fleet_->is_remote() ? remote : calls::book_settings{}) {
  usual_ = std::make_shared<const call_terms>(checked_terms({}, ""));
  if (auto* seam = fleet_->actors()) actors_ = std::make_unique<actor_desk>(*this, *seam);
  fleet_->open(*this);
  clock_ = std::thread([this] { watch_time(); });
}

desk::~desk() = default;

actor_desk& desk::actors() {
  if (!actors_)
    throw_failure({.kind = error_kind::unsupported, .what = "this session cannot have actors"});
  return *actors_;
}

void desk::release() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // Threads of the parent are not there in its child: there is nothing to end, and no lock to
  // trust.
  if (is_of_this_process()) delete this;
}

bool desk::is_of_this_process() const { return forks.load(std::memory_order_relaxed) == forks_; }

desk* desk::of_this_thread() { return callbacks_of; }

void desk::happened(const calls::event_type& what) {
  done_list done;
  {
    const std::lock_guard lock(mutex_);
    step(what, done);
  }
  settle(done);
}

void desk::step(const calls::event_type& what, done_list& done) {
  commands_.clear();
  book_.step(what, clock_now(), commands_);
  bool has_orders = false;
  for (const auto& c : commands_) {
    if (const auto* end = std::get_if<calls::command::finished>(&c))
      finish(*end, done);
    else
      has_orders = true;
  }
  if (has_orders) fleet_->carry_out(commands_);
  if (book_.next_wakeup() < clock_due_) clock_wakes_.notify_one();
}

void desk::settle(done_list& done) {
  fleet_->settle();
  for (auto& state : done) state->tell();
}

/// Under the lock, so that whoever submits a dependent sees what became of this one.
void desk::finish(const calls::command::finished& what, done_list& done) {
  auto& state = bodies_[calls::place_of(what.call)];
  const bool succeeded = what.how == calls::ending::succeeded;
  if (const auto key = keys_of_.find(what.call.value); key != keys_of_.end()) {
    if (!succeeded) {
      keys_.forget(key->second, what.call);
      keyed_.erase(key->second);
    }
    keys_of_.erase(key);
  }
  FABRIC_CHECK(state);
  if (state->claim())
    state->publish(succeeded ? nullptr : std::make_unique<failure>(failure_of(what, *state)));
  done.push_back(std::move(state));
}

calls::event::ended_call desk::judged(const state_base& call, calls::call_id id,
                                      std::uint32_t attempt) {
  if (!call.attempt_failure) return {id, attempt, calls::ending::succeeded, true};
  return {id, attempt, calls::ending::failed, call.terms->may_retry(*call.attempt_failure)};
}

failure desk::failure_of(const calls::command::finished& what, state_base& call) {
  using enum calls::ending;
  const auto& name = call.terms->name;
  const auto say = [&](error_kind kind, std::string text) {
    return failure{
        .kind = kind, .what = std::move(text), .attempt = what.attempt, .function = name};
  };
  switch (what.how) {
    case failed: {
      auto why = call.attempt_failure ? std::move(*call.attempt_failure)
                                      : say(error_kind::task_failed, "it failed");
      why.attempt = what.attempt;
      why.function = name;
      return why;
    }
    case lost: return say(error_kind::lost, "its worker was lost too often while it ran");
    case cancelled: return say(error_kind::cancelled, "it was cancelled");
    case timed_out: return say(error_kind::timed_out, "it was over its time limit");
    case expired: return say(error_kind::timed_out, "it was over its deadline");
    case closed: {
      const std::string why = fleet_->why_closed();
      return say(error_kind::session_closed,
                 "the session ended before it did" + (why.empty() ? why : ": " + why));
    }
    case infeasible:
      return say(error_kind::infeasible, fleet_->why_infeasible(call.terms->shape.needs));
    default: break;
  }
  std::string text = "a call that it waits for did not succeed";
  std::vector<state_base*> on;
  call.dependencies(on);
  for (const auto& f : call.terms->after) on.push_back(f.state());
  for (const auto* d : on)
    if (d->now() == phase::failed) {
      text = "its argument failed: " + std::string(error{d->why()}.what());
      break;
    }
  return say(error_kind::dependency_failed, std::move(text));
}

void desk::cancel(state_base& call, bool hard) {
  if (!is_of_this_process()) return;
  happened(calls::event::cancel_requested{calls::call_id{call.call}, hard});
}

call_status desk::status_of(const state_base& call) {
  const std::lock_guard lock(mutex_);
  if (call.now() == phase::succeeded) return call_status::succeeded;
  if (call.now() == phase::failed) return call_status::failed;
  using enum calls::call_state;
  switch (book_.state_of(calls::call_id{call.call})) {
    case announced:
    case waiting: return call_status::waiting;
    case backing_off:
    case queued:
    case sent: return call_status::queued;
    default: return call_status::running;
  }
}

std::size_t desk::open_calls() {
  const std::lock_guard lock(mutex_);
  return book_.open_calls();
}

void desk::hurry() {
  const std::lock_guard lock(mutex_);
  is_hurried_ = true;
  clock_wakes_.notify_one();
}

void desk::watch_time() {
  std::unique_lock lock(mutex_);
  while (!clock_ends_) {
    const auto now = clock_now();
    if (book_.next_wakeup() <= now || is_hurried_) {
      const bool is_due = book_.next_wakeup() <= now;
      is_hurried_ = false;
      lock.unlock();
      if (is_due) happened(calls::event::ticked{});
      const bool again = fleet_->flush();
      lock.lock();
      if (again && !clock_ends_) {
        clock_wakes_.wait_for(lock, flush_period, [&] { return clock_ends_; });
        is_hurried_ = true;
      }
      continue;
    }
    clock_due_ = book_.next_wakeup();
    if (clock_due_ == never)
      clock_wakes_.wait(lock);
    else
      clock_wakes_.wait_for(lock, clock_due_ - now);
    clock_due_ = instant::min();  // awake: nobody need wake it
  }
}

void desk::post(std::vector<std::unique_ptr<callback>> what) {
  {
    const std::lock_guard lock(callback_mutex_);
    if (!callbacks_ended_) {
      if (!callback_thread_.joinable()) callback_thread_ = std::thread([this] { run_callbacks(); });
      for (auto& each : what) callbacks_.push_back(std::move(each));
      callback_wakes_.notify_one();
      return;
    }
  }
  for (auto& each : what) each->run();
}

void desk::run_callbacks() {
  callbacks_of = this;
  std::unique_lock lock(callback_mutex_);
  for (;;) {
    callback_wakes_.wait(lock, [&] { return callbacks_end_ || !callbacks_.empty(); });
    if (callbacks_.empty()) break;
    auto next = std::move(callbacks_.front());
    callbacks_.pop_front();
    lock.unlock();
    next->run();
    next.reset();
    lock.lock();
  }
  callbacks_ended_ = true;
}

void desk::run_a_callback() {
  std::unique_lock lock(callback_mutex_);
  if (callbacks_.empty()) callback_wakes_.wait_for(lock, flush_period);
  if (callbacks_.empty()) return;
  auto next = std::move(callbacks_.front());
  callbacks_.pop_front();
  lock.unlock();
  next->run();
}

void desk::close() {
  if (!is_of_this_process()) return;
  if (callbacks_of == this) throw_usage("a session is ended by one of its own callbacks");
  if (in_task()) throw_usage("a session is ended by a task");
  const std::lock_guard once(close_mutex_);
  if (std::exchange(is_closed_, true)) return;
  happened(calls::event::closed{});
  if (actors_) actors_->end_all();
  fleet_->close();
  if (actors_) actors_->close();
  {
    const std::lock_guard lock(mutex_);
    clock_ends_ = true;
    clock_wakes_.notify_one();
  }
  clock_.join();
  {
    const std::lock_guard lock(callback_mutex_);
    callbacks_end_ = true;
    if (!callback_thread_.joinable()) callbacks_ended_ = true;
    callback_wakes_.notify_one();
  }
  if (callback_thread_.joinable()) callback_thread_.join();
  {
    const std::lock_guard lock(mutex_);
    keyed_.clear();
  }
  objects_.reset();
}

}  // namespace fabric::detail
