#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "fabric/instant.hpp"

namespace fabric::daemon {

/// What other threads say to one that waits. Thread-safe.
template <class T>
class mailbox {
 public:
  void put(T what) {
    {
      const std::scoped_lock lock(guard_);
      held_.push_back(std::move(what));
    }
    something_.notify_one();
  }

  /// The oldest, or nothing after `patience`.
  std::optional<T> take(duration patience) {
    std::unique_lock lock(guard_);
    if (!something_.wait_for(lock, patience, [this] { return !held_.empty(); }))
      return std::nullopt;
    T first = std::move(held_.front());
    held_.pop_front();
    return first;
  }

 private:
  std::mutex guard_;
  std::condition_variable something_;
  std::deque<T> held_;
};

}  // namespace fabric::daemon
