#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transport/message.hpp"
#include "transport/work.hpp"

namespace fabric::daemon {

/// Where a reader is in one stream of a task, over all attempts. A value: no head, no clock.
///
/// The newest attempt is asked for, so an answer may be of another one than the last. What it holds
/// then lies somewhere in the middle of the new attempt, and that is read from its start.
class output_cursor {
 public:
  explicit output_cursor(std::uint8_t stream) : stream_(stream) {}

  /// What an answer means for the reader.
  struct step {
    attempt_number left = 0;  ///< this attempt was given up for the one that is read now
    std::uint64_t lost = 0;   ///< so many bytes before `text` were not kept
    std::string text;
    bool progress = false;  ///< false: nothing new, ask again after a pause
  };
  step take(transport::log_chunk chunk);

  /// The task ended with this attempt, and no later one comes.
  step finish(attempt_number last);
  /// The same, with what the report holds of the rest.
  step finish(attempt_number last, const transport::task_report& report);

  /// Goes on from here, where another reader stopped.
  void begin_at(attempt_number attempt, std::uint64_t offset);

  [[nodiscard]] std::uint8_t stream() const { return stream_; }
  [[nodiscard]] attempt_number attempt() const { return attempt_; }
  /// How many bytes of the attempt were read or passed over.
  [[nodiscard]] std::uint64_t position() const { return offset_; }
  /// The attempt is over and read to its end; another one may follow.
  [[nodiscard]] bool at_end() const { return ended_; }
  /// Read to the end of the last attempt.
  [[nodiscard]] bool is_complete() const { return complete_; }

 private:
  /// Answers the attempt that was left, or 0.
  attempt_number turn_to(attempt_number newer);

  std::uint8_t stream_;
  attempt_number attempt_ = 0;
  std::uint64_t offset_ = 0;
  std::optional<attempt_number> last_;
  bool ended_ = false;
  bool complete_ = false;
};

}  // namespace fabric::daemon
