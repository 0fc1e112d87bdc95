#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/instant.hpp"
#include "fabric/result.hpp"
#include "resources/backoff.hpp"

namespace fabric::transport {

struct channel_rules {
  std::size_t frame_bytes_max = 1 << 20;  ///< of one frame, where its first message is not larger
  std::size_t in_flight_max = 64 << 20;   ///< bytes sent and not acknowledged; more waits here
  duration resend_first =
      std::chrono::milliseconds{500};               ///< and what is under way may take longer:
  std::size_t path_bytes_per_second_min = 2 << 20;  ///< on the slowest path that is expected
  duration resend_longest = std::chrono::seconds{5};
  duration acknowledge_within = std::chrono::milliseconds{20};
  std::uint64_t acknowledge_every = 64;  ///< messages
};

/// One end of a conversation between two programs: messages arrive in order, each once, as long as
/// both programs live, whatever happens to the path between them (parcels through a head that is
/// restarted, sessions that are cut). A value: it takes bytes and the time, and says what to send.
///
/// Messages are numbered from 1. What is not acknowledged is sent again, with growing intervals, or
/// as soon as the path was renewed.
class channel {
 public:
  explicit channel(channel_rules how = {}) : how_(how) {}

  /// Queues. Never refuses: whoever sends looks at `waiting_bytes`.
  void send(std::string message);

  /// The next frame that is due, or nothing. Call until it answers nothing.
  std::optional<std::string> frame(instant now);

  /// What a frame brings that is new, in order. Faults: bad_message.
  result<std::vector<std::string>> take(std::string_view frame, instant now);

  /// The path was lost and is there again: what was under way is due at once.
  void path_renewed(instant now);

  [[nodiscard]] instant next_wakeup() const;
  /// Of messages that the other side has not acknowledged.
  [[nodiscard]] std::size_t waiting_bytes() const { return bytes_; }
  /// How often in a row something was sent again and not confirmed.
  [[nodiscard]] std::uint32_t resends() const { return resends_; }
  [[nodiscard]] bool is_idle() const { return kept_.empty() && owed_ == 0; }

 private:
  [[nodiscard]] bool may_send_fresh() const;
  [[nodiscard]] duration time_for(std::size_t bytes) const;
  std::string encode_from(std::size_t at, instant now);

  channel_rules how_;
  std::deque<std::string> kept_;  // not acknowledged, in order; the first has number `first_`
  std::uint64_t first_ = 1;
  std::uint64_t next_ = 1;  // the first number that was never sent
  std::uint64_t heard_ = 0;
  std::size_t bytes_ = 0;      // of kept_
  std::size_t in_flight_ = 0;  // of those that were sent
  std::uint64_t owed_ = 0;     // messages that came and were not acknowledged
  instant acknowledge_at_ = never;
  instant resend_at_ = never;
  std::uint32_t resends_ = 0;
  std::uint64_t again_ = 0;  // numbers below `next_` from here on are due again; 0: none
};

}  // namespace fabric::transport
