#pragma once

#include <atomic>
#include <cstddef>
#include <iterator>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "fabric/session.hpp"

namespace fabric {

namespace detail {

/// Filled on callback threads, emptied by the one who waits; waiting lends a task's slot.
class completion_queue {
 public:
  completion_queue();
  ~completion_queue();
  void push(std::size_t index);
  std::size_t pop();

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

template <class R, class... States>
auto when_all_of(R ready, States&... states) {
  desk_ref owner;
  ((owner = owner ? owner : states.owner()), ...);
  counted<value_state<R>> next{new value_state<R>{owner}};
  auto left = std::make_shared<std::atomic<std::size_t>>(sizeof...(states));
  auto done = std::make_shared<R>(std::move(ready));
  (states.on_done(make_callback([next, left, done] {
    if (left->fetch_sub(1) == 1) complete_with(*next, [&] { return std::move(*done); });
  })),
   ...);
  return future<R>{std::move(next)};
}

}  // namespace detail

/// Ready when all are, well or not: the answer's value is the futures themselves.
template <class T>
future<std::vector<future<T>>> when_all(std::vector<future<T>> all) {
  using result = std::vector<future<T>>;
  detail::desk_ref owner;
  if (!all.empty()) owner = future_access::state_of(all.front())->owner();
  detail::counted<detail::value_state<result>> next{new detail::value_state<result>{owner}};
  if (all.empty()) {
    detail::complete_with(*next, [] { return result{}; });
    return future<result>{std::move(next)};
  }
  auto left = std::make_shared<std::atomic<std::size_t>>(all.size());
  auto done = std::make_shared<result>(all);
  for (const auto& f : all)
    future_access::state_of(f)->on_done(detail::make_callback([next, left, done] {
      if (left->fetch_sub(1) == 1) detail::complete_with(*next, [&] { return std::move(*done); });
    }));
  return future<result>{std::move(next)};
}
template <class T>
future<std::vector<future<T>>> when_all(const futures<T>& all) {
  return when_all(std::vector<future<T>>(all.begin(), all.end()));
}
template <class... T>
requires(sizeof...(T) > 0) future<std::tuple<future<T>...>> when_all(const future<T>&... all) {
  return detail::when_all_of(std::tuple<future<T>...>{all...}, *future_access::state_of(all)...);
}

/// Ready when the first is: its index. Precondition: there is one.
template <class T>
future<std::size_t> when_any(const std::vector<future<T>>& any) {
  if (any.empty()) detail::throw_invalid_future();
  detail::counted<detail::value_state<std::size_t>> next{
      new detail::value_state<std::size_t>{future_access::state_of(any.front())->owner()}};
  std::size_t index = 0;
  for (const auto& f : any)
    future_access::state_of(f)->on_done(detail::make_callback(
        [next, at = index++] { detail::complete_with(*next, [&] { return at; }); }));
  return future<std::size_t>{std::move(next)};
}

/// The futures in the order in which they become ready: `for (const auto& f : as_completed(all))`.
/// Advancing waits for the next. The range can be walked once.
template <class T>
class as_completed {
 public:
  explicit as_completed(std::vector<future<T>> all)
      : all_(std::move(all)), queue_(std::make_shared<detail::completion_queue>()) {
    for (std::size_t i = 0; i < all_.size(); ++i)
      future_access::state_of(all_[i])->on_done(
          detail::make_callback([queue = queue_, i] { queue->push(i); }));
  }
  explicit as_completed(const futures<T>& all)
      : as_completed(std::vector<future<T>>(all.begin(), all.end())) {}

  class iterator {
   public:
    using value_type = future<T>;
    using difference_type = std::ptrdiff_t;
    const future<T>& operator*() const { return of_->all_[at_]; }
    iterator& operator++() {
      next();
      return *this;
    }
    void operator++(int) { next(); }
    bool operator==(std::default_sentinel_t) const { return of_ == nullptr; }

   private:
    friend as_completed;
    explicit iterator(as_completed* of) : of_(of) { next(); }
    void next() {
      if (of_->given_ == of_->all_.size()) {
        of_ = nullptr;
        return;
      }
      ++of_->given_;
      at_ = of_->queue_->pop();
    }
    as_completed* of_;
    std::size_t at_ = 0;
  };
  iterator begin() { return iterator{this}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::vector<future<T>> all_;
  std::shared_ptr<detail::completion_queue> queue_;
  std::size_t given_ = 0;
};
template <class T>
as_completed(std::vector<future<T>>) -> as_completed<T>;
template <class T>
as_completed(const futures<T>&) -> as_completed<T>;

}  // namespace fabric
