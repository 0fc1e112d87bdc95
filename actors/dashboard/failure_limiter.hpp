#pragma once

#include <deque>
#include <map>
#include <string>

#include "fabric/instant.hpp"

namespace fabric::dashboard {

/// Counts what an address does, over a window that slides. A value: the time is an argument.
///
/// Invariant: at most `addresses_max` addresses with at most `times_max` instants each; beyond, the
/// address that was quiet for longest is forgotten.
class failure_limiter {
 public:
  static constexpr std::size_t times_max = 10;
  static constexpr duration window = std::chrono::minutes{1};
  static constexpr std::size_t addresses_max = 4096;

  /// Counts one more; false, and nothing is counted, where the address is at its limit.
  bool take(const std::string& address, instant now);
  [[nodiscard]] std::size_t addresses() const { return times_.size(); }

 private:
  void make_room();

  std::map<std::string, std::deque<instant>> times_;
};

}  // namespace fabric::dashboard
