#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tests/sim/timeline.hpp"

namespace fabric::sim {

/// A program that can be killed, started again and stopped for a while (SIGSTOP). What it planned
/// dies with it; what comes while it is stopped waits, in order.
class sim_process {
 public:
  explicit sim_process(timeline& time) : time_(time) {}
  virtual ~sim_process() = default;
  sim_process(const sim_process&) = delete;
  sim_process& operator=(const sim_process&) = delete;

  [[nodiscard]] bool is_alive() const { return is_alive_; }
  [[nodiscard]] bool is_stopped() const { return time_.now() < stopped_until_; }

  void stop_for(duration how_long);
  void resume_now();

  /// Now, or when it goes on.
  void deliver(std::function<void()> what);
  /// In this life only.
  void after(duration wait, std::function<void()> what);

 protected:
  void begin_life();
  void end_life();
  timeline& time_;

 private:
  void go_on();
  std::uint64_t life_ = 0;
  bool is_alive_ = false;
  instant stopped_until_{};
  std::vector<std::function<void()>> waiting_;
};

}  // namespace fabric::sim
