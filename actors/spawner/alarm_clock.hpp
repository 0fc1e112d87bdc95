#pragma once

#include <sys/timerfd.h>

#include <algorithm>

#include "actors/spawner/unique_fd.hpp"
#include "fabric/instant.hpp"

namespace fabric::spawner {

/// A descriptor that becomes readable at an instant of CLOCK_BOOTTIME, sleep of the machine or not.
class alarm_clock {
 public:
  alarm_clock() : timer_(::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {}

  [[nodiscard]] int fd() const { return timer_.get(); }

  /// Wakes at `at` or before: an earlier call that is still to come is left as it is, because a
  /// wake too many costs less than a call for each change.
  void wake_by(instant at) {
    if (armed_for_ <= at) return;
    armed_for_ = at;
    // A zero would disarm the timer; every instant that has passed is as good as any other.
    const auto since_boot = std::max(at.time_since_epoch(), duration{1});
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
    itimerspec when{};
    when.it_value.tv_sec = static_cast<time_t>(whole.count());
    when.it_value.tv_nsec = static_cast<long>(std::chrono::nanoseconds(since_boot - whole).count());
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
  }

  /// True if it had rung; it is silent from now on.
  bool take() {
    std::uint64_t times = 0;
    if (::read(timer_.get(), &times, sizeof times) < 0) return false;
    armed_for_ = never;
    return true;
  }

 private:
  unique_fd timer_;
  instant armed_for_ = never;
};

}  // namespace fabric::spawner
