#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/link_router.hpp"
#include "resources/backoff.hpp"
#include "transport/handshake.hpp"
#include "transport/liveness.hpp"

namespace fabric::actors {

/// Where the head is and as whom we call.
struct head_address {
  std::string endpoint;           ///< "tcp://host:port"
  std::string server_public_key;  ///< empty: insecure
  transport::key_pair keys;
  std::string cluster;  ///< empty where not known yet
  /// Somebody who has a session there sent us: what fails at first may pass (the head is being
  /// restarted, or has yet to hear of our key), and is no reason to give up.
  bool is_vouched_for = false;
};

/// What came of an event.
namespace link_outcome {
struct open {
  transport::welcome terms;
};
struct heard {
  std::vector<transport::message> messages;
};
/// The session is over (or was never open). `final` where calling again cannot help.
struct lost {
  fault why;
  bool final = false;
};
}  // namespace link_outcome
using link_outcome_type = std::variant<link_outcome::open, link_outcome::heard, link_outcome::lost>;

/// A dialler's side of a session with the head: dial, HELLO, WELCOME, then messages, until it is
/// lost; then again after a jittered wait. One connection is one session. Not thread-safe: owned by
/// an actor.
class head_link {
 public:
  using greeting = std::function<transport::hello()>;

  head_link(transport::poll_loop& loop, link_router& router, head_address where,
            link_router::receiver owner, greeting greet, std::uint64_t seed);

  void dial(instant now);
  /// What the loop told of this link, in order.
  std::vector<link_outcome_type> take(std::vector<transport::link_event_type>& events, instant now);
  /// Call at `next_wakeup`: redials when due, notices silence; answers what was lost by it.
  std::optional<link_outcome_type> tick(instant now);
  [[nodiscard]] instant next_wakeup() const;

  /// Faults: unreachable (no session is open), too_large.
  result<void> send(const transport::message& body, instant now);
  /// True where a heartbeat is due.
  [[nodiscard]] bool owes_heartbeat(instant now) const;
  /// Until it is dialled again.
  void close();

  [[nodiscard]] bool is_open() const { return phase_ == phase::open; }
  [[nodiscard]] std::uint64_t epoch_seen() const { return epoch_seen_; }
  void saw_epoch(std::uint64_t epoch) { epoch_seen_ = std::max(epoch_seen_, epoch); }
  [[nodiscard]] const head_address& where() const { return where_; }

 private:
  enum class phase { idle, connecting, greeting, open, given_up };

  void hang_up();
  link_outcome_type lose(fault why, bool final, instant now);
  std::optional<link_outcome_type> arrived(transport::message& body,
                                           std::vector<transport::message>& heard, instant now);
  std::optional<link_outcome_type> unknown(const transport::header& head, instant now);

  transport::poll_loop* loop_;
  link_router* router_;
  head_address where_;
  link_router::receiver owner_;
  greeting greet_;
  std::uint64_t seed_;
  phase phase_ = phase::idle;
  bool was_right_;  // the head has taken our key, or is vouched for
  transport::connection_id connection_{};
  session_id session_{};
  std::uint32_t version_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t epoch_seen_ = 0;
  std::uint32_t tries_ = 0;
  instant dial_at_ = never;
  instant give_up_at_ = never;  ///< for the answer to HELLO
  std::optional<transport::liveness> life_;
};

}  // namespace fabric::actors
