#pragma once

#include <cstdint>
#include <utility>

#include "fabric/instant.hpp"

namespace fabric::daemon {

/// Gaps in an output that is shown, and when to speak of them: the first at once, those that follow
/// it closely together. A task that writes faster than we read makes one at every piece.
class output_gaps {
 public:
  static constexpr duration between_notices = std::chrono::seconds{5};

  void add(std::uint64_t bytes) { unsaid_ += bytes; }

  /// How many bytes to speak of now; 0: say nothing.
  std::uint64_t due(instant now) {
    if (unsaid_ == 0 || (said_any_ && now - said_at_ < between_notices)) return 0;
    said_any_ = true;
    said_at_ = now;
    return std::exchange(unsaid_, 0);
  }
  /// The same when nothing more comes.
  std::uint64_t rest() { return std::exchange(unsaid_, 0); }

 private:
  std::uint64_t unsaid_ = 0;
  bool said_any_ = false;
  instant said_at_{};
};

}  // namespace fabric::daemon
