#pragma once

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "transport/admission.hpp"
#include "transport/outbox.hpp"
#include "transport/poll_loop.hpp"
#include "transport/socket.hpp"

namespace fabric::transport {

using steady = std::chrono::steady_clock;

/// What one pass of the loop has to tell.
using happenings = std::vector<link_event_type>;

/// Something that carries connections: a listener, a dialled connection, the links inside the
/// process. Lives on the loop's thread. In each pass the loop calls `read`, hands over what is to
/// be sent (`queue`) and closed, and calls `write`.
class carrier {
 public:
  carrier() = default;
  virtual ~carrier() = default;
  carrier(const carrier&) = delete;
  carrier& operator=(const carrier&) = delete;

  [[nodiscard]] virtual bool owns(connection_id which) const = 0;
  virtual void queue(connection_id to, outbox&& messages) = 0;
  /// Tells `closed` with `why`; what is queued still leaves.
  virtual void close(connection_id which, fault why, happenings& told) = 0;
  /// Closes connections whose key is not what it was.
  virtual void recheck(const admission& admitted, happenings& told) = 0;

  virtual void read(steady::time_point now, happenings& told) = 0;
  virtual void write(steady::time_point now, happenings& told) = 0;

  /// The sockets to wait on.
  virtual void watch(std::vector<socket*>& sockets) = 0;
  /// When to pass by again even if nothing happens.
  [[nodiscard]] virtual std::optional<steady::time_point> wakeup() const = 0;
  [[nodiscard]] virtual bool has_unsent() const = 0;
  /// How long closing the sockets may hold up the end of the process.
  virtual void linger(std::chrono::milliseconds at_most) = 0;
  /// True where it will never tell anything again.
  [[nodiscard]] virtual bool is_over() const = 0;
};

/// How long a full queue is left alone before the next try.
inline constexpr std::chrono::milliseconds retry_full_queue{2};

/// Appends `arrived` or `malformed`.
void tell_frame(connection_id from, const peer_identity& who, std::span<const std::byte> bytes,
                happenings& told);

fault too_slow(std::size_t bytes);
fault closed_here();
fault key_revoked();
fault peer_left();

/// Numbers connections of this process; never the same twice.
connection_id fresh_connection();

}  // namespace fabric::transport
