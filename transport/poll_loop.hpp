#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "fabric/result.hpp"
#include "transport/codec.hpp"
#include "transport/keys.hpp"

/// The one thread that owns every ZeroMQ socket of the process.
namespace fabric::transport {

/// One peer of a listener, or one dialled connection. Never reused within a process.
using connection_id = strong_id<struct connection_tag>;

/// Who a peer is, by its CURVE key (never by anything in its messages).
struct peer_identity {
  role as = role::client;
  std::string public_key;
  node_id id;
  /// False on a connection without keys (`insecure`, inproc): the key is what the peer says it is,
  /// and the peer may act as a client and as a worker.
  bool is_proven = true;

  bool operator==(const peer_identity&) const = default;
};

/// What the loop tells. Called on the loop's thread with everything that one wake-up brought; must
/// not block (hand it to an actor).
namespace link_event {
/// A dialled connection finished its CURVE handshake: say HELLO.
struct opened {
  connection_id connection;
};
struct arrived {
  connection_id connection;
  peer_identity from;
  std::vector<received> messages;
};
/// A frame that could not be decoded; nothing of it was delivered.
struct malformed {
  connection_id connection;
  peer_identity from;
  fault why;
};
/// The connection is over: peer gone or never reached (unreachable), refused or revoked
/// (auth_failed), too slow (busy), `close` (cancelled). Exactly once for each connection that was
/// `opened` or has `arrived`, and for each that was dialled.
struct closed {
  connection_id connection;
  fault why;
};
}  // namespace link_event

using link_event_type = std::variant<link_event::opened, link_event::arrived, link_event::malformed,
                                     link_event::closed>;

using event_sink = std::function<void(std::vector<link_event_type>)>;

/// For an owner that works on the loop's thread: called in each pass, after the sink has heard what
/// came and before what is queued leaves. Answers after how long it wants to be called again at the
/// latest; `no_turn_due` where only news or `wake` matter. Must not block.
using turn_function = std::function<duration()>;
inline constexpr duration no_turn_due = duration::max();

struct loop_options {
  int io_threads = 1;
  turn_function turn = {};
  std::size_t frame_bytes_max = data_frame_bytes_max;
  std::size_t outbox_bytes_max = 256 << 20;  ///< queued for one peer; beyond, it is cut off
};

struct listen_options {
  std::string endpoint;   ///< "tcp://127.0.0.1:6333", "tcp://127.0.0.1:*" or "inproc://name"
  key_pair keys;          ///< of the server; empty for inproc, and for tcp only with `insecure`
  bool insecure = false;  ///< no encryption, no check of keys: everybody is a client and a worker
};

struct dial_options {
  std::string endpoint;
  std::string server_public_key;  ///< empty for inproc or insecure
  key_pair keys;                  ///< own; without encryption the public one is only claimed
  /// Until somebody accepts the connection. Where nobody listens the kernel says so at once; this
  /// is for addresses that say nothing.
  duration connect_timeout = std::chrono::seconds{5};
  /// From then on, until both sides have proven who they are: somebody is there, and may be slow.
  duration handshake_timeout = std::chrono::seconds{15};
};

/// Faults are values; nothing throws. All calls from any thread.
class poll_loop {
 public:
  static result<std::unique_ptr<poll_loop>> start(loop_options how, event_sink sink);
  ~poll_loop();  ///< `stop`

  /// Binds; answers the real endpoint. The ZAP handler answers before any bind; keys that are not
  /// admitted get nothing. Faults: address_in_use, config, usage. Not from within the sink.
  result<std::string> listen(const listen_options& where);

  /// Connects to the own listener with a throw-away key and expects to be refused.
  /// Faults: auth_selftest. Blocks at most 2 s. Not from within the sink.
  result<void> prove_strangers_are_refused(const std::string& endpoint,
                                           const std::string& server_public_key);

  /// Replaces the set of admitted keys; takes effect at once, also for live connections (those
  /// whose key is no longer in it are closed).
  void admit(std::vector<peer_identity> keys);

  /// Starts to connect; `opened` or `closed` follows. One connection is one socket: after `closed`
  /// dial again.
  connection_id dial(const dial_options& where);

  /// Queues; what is queued for one peer by the time the loop wakes up leaves in one frame.
  /// Messages for a connection that is over are dropped (its `closed` was or will be told); before
  /// `opened` they wait. Encodes on the calling thread. Faults: too_large, bad_message (a name that
  /// no peer would read); nothing is sent then, and the connection stays.
  result<void> send(connection_id to, header head, const message& body);

  /// Makes the loop pass soon, so that the owner gets a turn.
  void wake();

  /// `closed` follows at once; what was sent before still leaves, what the peer sends is not heard.
  void close(connection_id which);

  /// Gives the owner one more turn, sends what is queued (at most `linger`), closes every socket,
  /// ends the thread. Idempotent.
  void stop(duration linger = std::chrono::milliseconds{500});

 private:
  class impl;
  explicit poll_loop(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace fabric::transport
