#pragma once

#include <chrono>
#include <concepts>
#include <type_traits>
#include <utility>

#include "fabric/detail_state.hpp"
#include "fabric/options.hpp"

namespace fabric {

enum class call_status : std::uint8_t { waiting, queued, running, succeeded, failed };

namespace detail {
call_status status_of(const state_base& s);
[[noreturn]] void throw_invalid_future();
[[noreturn]] void throw_wait_timed_out(const state_base& s);
std::unique_ptr<failure> caught_failure();
/// As above, of what is no task: an error of a call that passes through stays what it is.
std::unique_ptr<failure> passed_failure();

template <class T>
struct then_result;
}  // namespace detail

enum class kill : std::uint8_t {
  softly,  ///< a running function is asked to stop, and the call is over when it returns
  hard,    ///< the call is over at once; on a cluster its worker may be killed. A thread of this
           ///< process cannot be killed: what it returns is dropped
};

/// The result of a call, now or later. Copies share it. All members may be called from any thread.
///
/// Within a task, waiting lends the task's slot to other calls, so tasks may wait for tasks to any
/// depth. A future that is dropped does not cancel its call.
template <class T>
class [[nodiscard]] future {
 public:
  using value_type = T;

  future() = default;
  explicit future(detail::counted<detail::value_state<T>> state) : state_(std::move(state)) {}

  [[nodiscard]] bool valid() const { return static_cast<bool>(state_); }
  [[nodiscard]] bool is_ready() const { return state().now() != detail::phase::pending; }
  [[nodiscard]] call_status status() const { return detail::status_of(state()); }

  /// Waits for the result. Throws task_error or one of its kin where the call ended otherwise, each
  /// time. The reference is valid as long as a future of the call is.
  decltype(auto) get() const& { return wait_and_read(std::chrono::nanoseconds{-1}); }
  /// As above, but at most so long: then wait_error is thrown, and the call goes on.
  decltype(auto) get(std::chrono::nanoseconds at_most) const& { return wait_and_read(at_most); }
  /// The value itself: moved out where this is the last future of it, else a copy. What cannot be
  /// copied is packed and unpacked for that.
  T get() && {
    wait_and_read(std::chrono::nanoseconds{-1});
    return take();
  }

  void wait() const { state().wait(std::chrono::nanoseconds{-1}); }
  /// False where the time is up first.
  bool wait_for(std::chrono::nanoseconds at_most) const {
    return state().wait(at_most < at_most.zero() ? at_most.zero() : at_most);
  }

  /// How the call failed, without waiting or throwing; nullptr where it did not, or not yet.
  [[nodiscard]] const failure* error() const {
    return state().now() == detail::phase::failed ? &state().why() : nullptr;
  }
  /// The value, without waiting or throwing; nullptr where there is none, or not yet.
  [[nodiscard]] const detail::stored<T>* try_get() const {
    return state().now() == detail::phase::succeeded ? &*state().value : nullptr;
  }

  /// Name of the node that ran the call; empty where that is not over, or for what is no call of a
  /// function. Stays valid for the life of the process.
  [[nodiscard]] std::string_view node() const {
    return state().now() == detail::phase::pending ? std::string_view{} : state().node;
  }

  /// Asks for the end of the call; `get` will throw cancelled_error unless it is over already.
  void cancel(kill how = kill::softly) const { state().cancel(how == kill::hard); }

  /// Runs `fn` when the call is over, on the session's callback thread and without any lock held.
  /// `fn(const T&)` (or `fn()` for void) runs after success, and a failure is passed on;
  /// `fn(future<T>)` runs in any case. Its result, or what it throws, is that of the answer: errors
  /// of this library as they are, others as task_failed.
  template <class Fn>
  auto then(Fn fn) const;

  bool operator==(const future& b) const { return state_.get() == b.state_.get(); }

 private:
  friend class any_future;
  template <class>
  friend class future;
  friend struct future_access;

  detail::value_state<T>& state() const {
    if (!state_) detail::throw_invalid_future();
    return *state_;
  }

  decltype(auto) wait_and_read(std::chrono::nanoseconds at_most) const {
    auto& s = state();
    if (!s.wait(at_most)) detail::throw_wait_timed_out(s);
    if (s.now() == detail::phase::failed) throw_failure(s.why());
    if constexpr (!std::is_void_v<T>) return static_cast<const T&>(*s.value);
  }

  T take() {
    if constexpr (!std::is_void_v<T>) {
      if (state_->is_shared()) return detail::copy_of(*state_->value);
      return std::move(*state_->value);
    }
  }

  detail::counted<detail::value_state<T>> state_;
};

/// For the library: the state of a future.
struct future_access {
  template <class T>
  static const detail::counted<detail::value_state<T>>& state_of(const future<T>& f) {
    if (!f.state_) detail::throw_invalid_future();
    return f.state_;
  }
};

namespace detail {

template <class T, class Fn>
constexpr bool takes_future = std::invocable<Fn, future<T>>;

template <class T, class Fn>
decltype(auto) call_back(Fn& fn, const future<T>& done) {
  if constexpr (takes_future<T, Fn>)
    return fn(done);
  else if constexpr (std::is_void_v<T>)
    return fn();
  else
    return fn(done.get());
}

/// Runs `fn` and completes `to` with what it gives.
template <class U, class Fn>
void complete_with(value_state<U>& to, Fn&& fn) noexcept {
  if (!to.claim()) return;  // cancelled meanwhile
  std::unique_ptr<failure> why;
  try {
    if constexpr (std::is_void_v<U>)
      fn(), to.value.emplace();
    else
      to.value.emplace(fn());
  } catch (...) {
    why = passed_failure();
  }
  to.publish(std::move(why));
  to.tell();
}

}  // namespace detail

template <class T>
template <class Fn>
auto future<T>::then(Fn fn) const {
  using result = std::decay_t<decltype(detail::call_back(fn, *this))>;
  detail::counted<detail::value_state<result>> next{
      new detail::value_state<result>{state().owner()}};
  state().on_done(detail::make_callback([done = *this, next, fn = std::move(fn)]() mutable {
    if constexpr (!detail::takes_future<T, Fn>)
      if (const auto* why = done.error()) return next->complete(std::make_unique<failure>(*why));
    detail::complete_with(*next, [&]() -> decltype(auto) { return detail::call_back(fn, done); });
  }));
  return future<result>{std::move(next)};
}

}  // namespace fabric
