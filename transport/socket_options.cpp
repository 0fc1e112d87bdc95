#include "transport/socket_options.hpp"

#include <algorithm>
#include <limits>

namespace fabric::transport {

namespace {

namespace opt = zmq::sockopt;

constexpr std::size_t curve_key_bytes = 32;

/// Frames, not messages: everything that is due for a peer shares one. Low, because a frame may be
/// a megabyte and the queue behind it (outbox) counts bytes while libzmq's counts frames.
constexpr int send_frames_max = 256;
constexpr int receive_frames_max = 65536;
/// That a listener waits for a stranger. On a busy machine many come at once, and each takes its
/// turn.
constexpr int handshake_ms = 10'000;
constexpr int backlog = 1024;

/// In the headers only with drafts, in the library always; a library without it refuses the option,
/// and then there is no listener.
constexpr zmq::sockopt::integral_option<93, int, true> zap_enforce_domain;

/// Sets options until one is refused.
class setter {
 public:
  explicit setter(socket& on) : on_(on) {}
  setter& operator()(auto option, const auto& value) {
    if (outcome_) outcome_ = on_.set(option, value);
    return *this;
  }
  [[nodiscard]] const result<void>& outcome() const { return outcome_; }

 private:
  socket& on_;
  result<void> outcome_;
};

void set_common(setter& set, const std::string& endpoint, std::size_t frame_bytes_max) {
  set(opt::linger, 0)(opt::handshake_ivl, handshake_ms)(opt::sndhwm, send_frames_max);
  set(opt::rcvhwm, receive_frames_max)(opt::immediate, 1);
  // The kernel finds a dead peer, busy (MAXRT) or idle (keepalive), within about two seconds.
  // libzmq's own heartbeats stay unset: they abort the process under load.
  set(opt::tcp_keepalive, 1)(opt::tcp_keepalive_idle, 1)(opt::tcp_keepalive_intvl, 1);
  set(opt::tcp_keepalive_cnt, 3)(opt::tcp_maxrt, 2000);
  if (endpoint.find('[') != std::string::npos) set(opt::ipv6, 1);
  set(opt::maxmsgsize, static_cast<std::int64_t>(frame_bytes_max));
}

bool is_key_pair(const key_pair& keys) {
  return keys.public_key.size() == curve_key_bytes && keys.secret_key.size() == curve_key_bytes;
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
  auto made = socket::open(in, zmq::socket_type::router);
  if (!made) return made;
  setter set(*made);
  set_common(set, where.endpoint, frame_bytes_max);
  // Without MANDATORY a ROUTER loses silently; with handover a peer could take another's id.
  set(opt::router_mandatory, 1)(opt::router_handover, 0)(opt::backlog, backlog);
  // Only domain and ENFORCE together fail closed.
  set(opt::zap_domain, where.insecure ? domain_without_keys : domain_of_keys);
  set(zap_enforce_domain, 1);
  if (where.insecure)
    set(opt::plain_server, 1);
  else
    set(opt::curve_server, 1)(opt::curve_secretkey, std::string_view(where.keys.secret_key));
  if (!set.outcome()) return set.outcome().error();
  return made;
}

result<socket> dialler_socket(const context& in, const dial_options& where,
                              std::size_t frame_bytes_max) {
  const bool insecure = where.server_public_key.empty();
  if (!insecure && (where.server_public_key.size() != curve_key_bytes || !is_key_pair(where.keys)))
    return fault{fault_code::config,
                 "the keys to connect to " + where.endpoint + " with are incomplete",
                 "join again with a new token"};
  auto made = socket::open(in, zmq::socket_type::dealer);
  if (!made) return made;
  setter set(*made);
  set_common(set, where.endpoint, frame_bytes_max);
  // One session is one socket: a reconnection would make a hole without a signal.
  set(opt::reconnect_ivl, -1);
  // The loop's own limits come first, since it knows what to say.
  set(opt::connect_timeout, milliseconds_of(where.connect_timeout + std::chrono::seconds{1}));
  set(opt::handshake_ivl, milliseconds_of(where.handshake_timeout + std::chrono::seconds{1}));
  if (insecure) {
    // Claimed, not proven: it gives a node the same id from one connection to the next.
    const key_pair own = is_key_pair(where.keys) ? where.keys : make_key_pair();
    set(opt::plain_username, std::string_view(to_hex(own.public_key)));
    set(opt::plain_password, std::string_view("none"));
  } else {
    set(opt::curve_serverkey, std::string_view(where.server_public_key));
    set(opt::curve_publickey, std::string_view(where.keys.public_key));
    set(opt::curve_secretkey, std::string_view(where.keys.secret_key));
  }
  if (!set.outcome()) return set.outcome().error();
  return made;
}

}  // namespace fabric::transport
