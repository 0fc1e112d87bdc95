#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "tests/sim/timeline.hpp"

namespace fabric::sim {

/// One line for everything that happens; only with --verbose.
class trace {
 public:
  trace(const timeline& time, bool is_on) : time_(time), is_on_(is_on) {}

  [[nodiscard]] bool is_on() const { return is_on_; }
  void say(std::string_view who, const std::string& what) const {
    if (!is_on_) return;
    const auto us = time_.now().time_since_epoch().count();
    std::printf("%4lld.%06lld %-8.*s %s\n", static_cast<long long>(us / 1'000'000),
                static_cast<long long>(us % 1'000'000), static_cast<int>(who.size()), who.data(),
                what.c_str());
  }

 private:
  const timeline& time_;
  bool is_on_;
};

}  // namespace fabric::sim
