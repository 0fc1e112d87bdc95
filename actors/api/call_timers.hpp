#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "fabric/instant.hpp"

namespace fabric::detail {

class seat;

/// When calls of actors run out of time. Those that are over before leave by themselves: from time
/// to time all are looked at, so that there are never more than twice as many timers as open calls,
/// and 1,024. Thread-safe; the thread begins with the first timer.
class call_timers {
 public:
  /// Both are called on the own thread, where no lock of this class is held.
  struct ways {
    std::function<bool(seat& at, std::uint64_t number)> is_open;  ///< whether the call waits still
    std::function<void(seat& at, std::uint64_t number)> expire;
  };
  explicit call_timers(ways how) : how_(std::move(how)) {}
  ~call_timers() { end(); }
  call_timers(const call_timers&) = delete;
  call_timers& operator=(const call_timers&) = delete;

  void set(const std::shared_ptr<seat>& at, std::uint64_t number, instant due);
  /// Nothing expires any more. Not from within `expire`.
  void end();

  [[nodiscard]] std::size_t size() const;

 private:
  struct timer {
    instant due;
    std::weak_ptr<seat> at;
    std::uint64_t number;
    bool operator<(const timer& b) const { return due > b.due; }  // the earliest is the heap's top
  };
  using lock_type = std::unique_lock<std::mutex>;
  void watch();
  void expire_first(lock_type& lock);
  void sweep(lock_type& lock);

  const ways how_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<timer> heap_;
  std::size_t sweep_at_ = 1024;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace fabric::detail
