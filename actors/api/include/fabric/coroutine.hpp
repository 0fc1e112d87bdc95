#pragma once

#include <coroutine>
#include <utility>

#include "fabric/future.hpp"

namespace fabric {

/// What a coroutine answers that awaits futures: itself a future.
///
///     fabric::async<double> best(fabric::session& s) {
///       double a = co_await s.submit(branin, 1.0, 2.0);
///       co_return a * 2;
///     }
///
/// It runs on the caller's thread up to the first future that is not ready, and from there on on
/// the session's callback thread, without a lock. `co_await` throws as `get` does, and what is not
/// caught is the answer's failure, as it is. Parameters that are references must outlive it.
template <class T>
class [[nodiscard]] async : public future<T> {
 public:
  using future<T>::future;
  struct promise_type;
};

namespace detail {

template <class T>
class awaiter {
 public:
  explicit awaiter(future<T> f) : future_(std::move(f)) {}
  bool await_ready() const { return future_.is_ready(); }
  void await_suspend(std::coroutine_handle<> waiting) {
    // The handle may run, and this end, before `on_done` returns.
    const auto state = future_access::state_of(future_);
    state->on_done(make_callback([waiting] { waiting.resume(); }));
  }
  T await_resume() { return std::move(future_).get(); }

 private:
  future<T> future_;
};

template <class T>
class async_promise_base {
 public:
  std::suspend_never initial_suspend() noexcept { return {}; }
  std::suspend_never final_suspend() noexcept { return {}; }
  void unhandled_exception() { state_->complete(passed_failure()); }
  template <class X>
  awaiter<X> await_transform(future<X> f) {
    return awaiter<X>{std::move(f)};
  }

 protected:
  counted<value_state<T>> state_{new value_state<T>{desk_ref{}}};
};

template <class T>
class async_promise : public async_promise_base<T> {
 public:
  template <class U>
  void return_value(U&& value) {
    complete_with(*this->state_, [&]() -> T { return std::forward<U>(value); });
  }
};
template <>
class async_promise<void> : public async_promise_base<void> {
 public:
  void return_void() {
    complete_with(*state_, [] {});
  }
};

}  // namespace detail

template <class T>
struct async<T>::promise_type : detail::async_promise<T> {
  async<T> get_return_object() { return async<T>{this->state_}; }
};

}  // namespace fabric
