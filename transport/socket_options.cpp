#include "transport/socket_options.hpp"

#include <algorithm>
#include <limits>

namespace fabric::transport {

namespace {

constexpr std::size_t key_bytes = 32;

/// Frames, not messages: everything that is due for a peer shares one. Low, because a frame may be
/// a megabyte and the queue behind it (outbox) counts bytes while libzmq's counts frames.
constexpr int send_frames_max = 256;
constexpr int receive_frames_max = 65536;
constexpr int handshake_ms = 3000;
constexpr int backlog = 1024;

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
/// In the header only with drafts, in the library always; a library without it refuses the option,
/// and then there is no listener.
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/// Sets options until one is refused.
class setter {
 public:
  explicit setter(socket& on) : on_(on) {}
  setter& operator()(int option, auto value) {
    if (outcome_) outcome_ = on_.set(option, value);
    return *this;
  }
  [[nodiscard]] const result<void>& outcome() const { return outcome_; }

 private:
  socket& on_;
  result<void> outcome_;
};

void set_common(setter& set, const std::string& endpoint, std::size_t frame_bytes_max) {
  set(ZMQ_LINGER, 0)(ZMQ_HANDSHAKE_IVL, handshake_ms)(ZMQ_SNDHWM, send_frames_max);
  set(ZMQ_RCVHWM, receive_frames_max)(ZMQ_IMMEDIATE, 1);
  // The kernel finds a dead peer, busy (MAXRT) or idle (keepalive), within about two seconds.
  // libzmq's own heartbeats stay unset: they abort the process under load.
  set(ZMQ_TCP_KEEPALIVE, 1)(ZMQ_TCP_KEEPALIVE_IDLE, 1)(ZMQ_TCP_KEEPALIVE_INTVL, 1);
  set(ZMQ_TCP_KEEPALIVE_CNT, 3)(ZMQ_TCP_MAXRT, 2000);
  if (endpoint.find('[') != std::string::npos) set(ZMQ_IPV6, 1);
  const std::int64_t size = static_cast<std::int64_t>(frame_bytes_max);
  // NOLINTNEXTLINE(*-reinterpret-cast): the option is an int64_t
  set(ZMQ_MAXMSGSIZE, std::string_view(reinterpret_cast<const char*>(&size), sizeof size));
}

bool is_key_pair(const key_pair& keys) {
  return keys.public_key.size() == key_bytes && keys.secret_key.size() == key_bytes;
}

}  // namespace

int milliseconds_of(duration d) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(d).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 1, std::numeric_limits<int>::max()));
}

result<socket> listener_socket(const context& in, const listen_options& where,
                               std::size_t frame_bytes_max) {
  if (!where.insecure && !is_key_pair(where.keys))
    return fault{fault_code::config, "no keys are given to listen with on " + where.endpoint,
                 "only an endpoint within the process goes without keys"};
  auto made = socket::open(in, ZMQ_ROUTER);
  if (!made) return made;
  setter set(*made);
  set_common(set, where.endpoint, frame_bytes_max);
  // Without MANDATORY a ROUTER loses silently; with handover a peer could take another's id.
  set(ZMQ_ROUTER_MANDATORY, 1)(ZMQ_ROUTER_HANDOVER, 0)(ZMQ_BACKLOG, backlog);
  // Only domain and ENFORCE together fail closed.
  set(ZMQ_ZAP_DOMAIN, where.insecure ? domain_without_keys : domain_of_keys);
  set(ZMQ_ZAP_ENFORCE_DOMAIN, 1);
  if (where.insecure)
    set(ZMQ_PLAIN_SERVER, 1);
  else
    set(ZMQ_CURVE_SERVER, 1)(ZMQ_CURVE_SECRETKEY, std::string_view(where.keys.secret_key));
  if (!set.outcome()) return set.outcome().error();
  return made;
}

result<socket> dialler_socket(const context& in, const dial_options& where,
                              std::size_t frame_bytes_max) {
  const bool insecure = where.server_public_key.empty();
  if (!insecure && (where.server_public_key.size() != key_bytes || !is_key_pair(where.keys)))
    return fault{fault_code::config,
                 "the keys to connect to " + where.endpoint + " with are incomplete",
                 "join again with a new token"};
  auto made = socket::open(in, ZMQ_DEALER);
  if (!made) return made;
  setter set(*made);
  set_common(set, where.endpoint, frame_bytes_max);
  // One session is one socket: a reconnection would make a hole without a signal.
  set(ZMQ_RECONNECT_IVL, -1);
  // The loop's own limit comes first, since it knows what to say.
  set(ZMQ_CONNECT_TIMEOUT, milliseconds_of(where.connect_timeout + std::chrono::seconds{1}));
  if (insecure) {
    // Claimed, not proven: it gives a node the same id from one connection to the next.
    const key_pair own = is_key_pair(where.keys) ? where.keys : make_key_pair();
    set(ZMQ_PLAIN_USERNAME, std::string_view(to_hex(own.public_key)));
    set(ZMQ_PLAIN_PASSWORD, std::string_view("none"));
  } else {
    set(ZMQ_CURVE_SERVERKEY, std::string_view(where.server_public_key));
    set(ZMQ_CURVE_PUBLICKEY, std::string_view(where.keys.public_key));
    set(ZMQ_CURVE_SECRETKEY, std::string_view(where.keys.secret_key));
  }
  if (!set.outcome()) return set.outcome().error();
  return made;
}

}  // namespace fabric::transport
