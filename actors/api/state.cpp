#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>

#include "actors/api/desk.hpp"
#include "actors/api/terms.hpp"
#include "fabric/actor.hpp"
#include "fabric/future.hpp"

namespace fabric::detail {

namespace {

/// Where threads wait for states: a state has one of these rooms, so that it need not have a mutex
/// of its own.
struct room {
  std::mutex mutex;
  std::condition_variable wakes;
};

room& room_of(const void* state) {
  static std::array<room, 64> rooms;
  return rooms[std::hash<const void*>{}(state) / 64 % rooms.size()];
}

[[noreturn]] void throw_stopped() {
  throw_failure({.kind = error_kind::cancelled,
                 .what = "the task was asked to stop while it waited for another"});
}

/// Sleeps until the state is complete, the time is up or the task is to stop.
void sleep_for(const state_base& state, std::chrono::nanoseconds limit, std::stop_token stop) {
  auto& r = room_of(&state);
  const std::stop_callback wake(stop, [&r] {
    const std::lock_guard lock(r.mutex);
    r.wakes.notify_all();
  });
  const auto is_over = [&] { return state.now() != phase::pending || stop.stop_requested(); };
  std::unique_lock lock(r.mutex);
  if (limit.count() < 0)
    r.wakes.wait(lock, is_over);
  else
    r.wakes.wait_for(lock, limit, is_over);
}

/// A task's slot is lent for as long as this lives.
class pause {
 public:
  explicit pause(task_context& task) : task_(task) { task_.pause(); }
  pause(const pause&) = delete;
  pause& operator=(const pause&) = delete;
  ~pause() { task_.go_on(); }

 private:
  task_context& task_;
};

thread_local desk* unpacks_for = nullptr;

bool wait_in_callback(const state_base& state, std::chrono::nanoseconds limit, desk& own) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (state.now() == phase::pending) {
    if (limit.count() >= 0 && std::chrono::steady_clock::now() >= until) return false;
    own.run_a_callback();
  }
  return true;
}

}  // namespace

unpacking_for::unpacking_for(desk* whom) : before_(std::exchange(unpacks_for, whom)) {}

unpacking_for::~unpacking_for() { unpacks_for = before_; }

desk* unpacking_for::now() { return unpacks_for; }

bool state_base::wait(std::chrono::nanoseconds limit) {
  if (now() != phase::pending) return true;
  if (limit.count() == 0) return false;
  if (owner_ && !owner_->is_of_this_process())
    throw_usage("a future is waited for in a child of fork; sessions do not outlive fork");
  constexpr std::chrono::nanoseconds forever = std::chrono::hours{24 * 365 * 100};
  if (limit > forever) limit = forever;
  has_interest_.store(true, std::memory_order_seq_cst);
  if (auto* own = desk::of_this_thread()) return wait_in_callback(*this, limit, *own);
  auto* task = current_task();
  if (task == nullptr) {
    sleep_for(*this, limit, {});
    return now() != phase::pending;
  }
  const auto stop = task->stop_token();
  {
    const pause lent(*task);
    sleep_for(*this, limit, stop);
  }
  if (now() != phase::pending) return true;
  if (stop.stop_requested()) throw_stopped();
  return false;
}

void state_base::on_done(std::unique_ptr<callback> what) {
  {
    const std::lock_guard lock(room_of(this).mutex);
    has_interest_.store(true, std::memory_order_seq_cst);
    if (now() == phase::pending) {
      callbacks_.push_back(std::move(what));
      return;
    }
  }
  std::vector<std::unique_ptr<callback>> one;
  one.push_back(std::move(what));
  if (owner_) return owner_->post(std::move(one));
  one.front()->run();
}

void state_base::publish(std::unique_ptr<failure> why) {
  const auto end = why ? phase::failed : phase::succeeded;
  why_ = std::move(why);
  phase_.store(end, std::memory_order_seq_cst);
}

void state_base::tell() {
  if (!has_interest_.load(std::memory_order_seq_cst)) return;
  std::vector<std::unique_ptr<callback>> due;
  {
    auto& r = room_of(this);
    const std::lock_guard lock(r.mutex);
    due.swap(callbacks_);
    r.wakes.notify_all();
  }
  if (due.empty()) return;
  if (owner_) return owner_->post(std::move(due));
  for (auto& each : due) each->run();
}

void state_base::complete(std::unique_ptr<failure> why) {
  if (!claim()) return;
  publish(std::move(why));
  tell();
}

void state_base::cancel(bool hard) {
  if (now() != phase::pending) return;
  if (call != 0) return owner_->cancel(*this, hard);
  if (const auto* place = place_in_line(); place != nullptr && place->at)
    return withdraw_call(*place, *this);
  complete(std::make_unique<failure>(
      failure{.kind = error_kind::cancelled, .what = "cancelled before it began"}));
}

call_status status_of(const state_base& s) {
  switch (s.now()) {
    case phase::succeeded: return call_status::succeeded;
    case phase::failed: return call_status::failed;
    case phase::pending: break;
  }
  return s.call == 0 ? call_status::waiting : s.owner()->status_of(s);
}

void throw_invalid_future() { throw_usage("a future without a call is used"); }

void throw_wait_timed_out(const state_base& s) {
  throw_failure({.kind = error_kind::wait_timed_out,
                 .what = "the call is not over yet; it goes on",
                 .function = s.terms ? s.terms->name : std::string{}});
}

std::unique_ptr<failure> caught_failure() {
  return std::make_unique<failure>(failure_of(std::current_exception()));
}

std::unique_ptr<failure> passed_failure() {
  try {
    throw;
  } catch (const wait_error&) {  // of another wait than the one for this
    return caught_failure();
  } catch (const error& e) {
    return std::make_unique<failure>(e.why());
  } catch (...) {
    return caught_failure();
  }
}

}  // namespace fabric::detail
