#include "transport/dialled.hpp"

#include <algorithm>

#include "transport/socket_options.hpp"

namespace fabric::transport {

namespace {

/// What was sent before `close` has this long to leave.
constexpr std::chrono::milliseconds unsent_patience{500};

constexpr int watched = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED |
                        ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                        ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                        ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

fault key_refused(const std::string& endpoint) {
  return {fault_code::auth_failed, "the head at " + endpoint + " does not admit this machine's key",
          "a node joins with the token that the head printed; others need the head's cluster.json"};
}

fault not_spoken_here(const std::string& endpoint, std::uint32_t detail) {
  if (detail == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
    return {fault_code::config,
            "one of this side and the head at " + endpoint + " uses keys, the other does not",
            "is that the port of a fabric head?"};
  return {fault_code::auth_failed, "the handshake with " + endpoint + " failed",
          "check that a fabric head listens there and that the token is that head's"};
}

fault nobody_listens(const std::string& endpoint) {
  return {fault_code::unreachable, "nobody listens at " + endpoint + ", or no way leads there",
          "check the address, and that the head runs"};
}

fault no_answer(const std::string& endpoint, duration timeout) {
  return {fault_code::unreachable,
          endpoint + " did not answer within " + std::to_string(milliseconds_of(timeout)) + " ms",
          "check the address, the network and the firewall"};
}

fault silence(const std::string& endpoint) {
  return {fault_code::unreachable,
          endpoint + " accepts connections but does not answer as a fabric head does",
          "check the address and the port, and that the head is not stopped or overloaded"};
}

}  // namespace

dialled::dialled(connection_id id, const dial_options& where, const loop_options& limits)
    : id_(id),
      endpoint_(where.endpoint),
      limits_(limits),
      connect_timeout_(where.connect_timeout),
      handshake_timeout_(where.handshake_timeout) {
  head_.as = role::head;
  head_.public_key = where.server_public_key;
  head_.id = id_of_key(where.server_public_key);
  head_.is_proven = !where.server_public_key.empty();
}

std::unique_ptr<dialled> dialled::start(const context& in, connection_id id,
                                        const dial_options& where, const loop_options& limits,
                                        steady::time_point now) {
  std::unique_ptr<dialled> d(new dialled(id, where, limits));
  d->now_ = now;
  d->deadline_ = now + where.connect_timeout;
  if (auto opened = d->open_socket(in, where); !opened) {
    d->never_began_ = opened.error();
    d->deadline_ = now;
  }
  return d;
}

result<void> dialled::open_socket(const context& in, const dial_options& where) {
  auto made = dialler_socket(in, where, limits_.frame_bytes_max);
  if (!made) return made.error();
  auto watching = monitor::attach(in, *made, watched);
  if (!watching) return watching.error();
  if (auto connected = made->connect(where.endpoint); !connected) return connected.error();
  socket_ = std::move(*made);
  monitor_ = std::move(*watching);
  return {};
}

void dialled::watch(std::vector<socket*>& sockets) {
  if (socket_) sockets.push_back(&*socket_);
  if (monitor_) sockets.push_back(&monitor_->events());
}

void dialled::read(steady::time_point now, happenings& told) {
  now_ = now;
  if (stage_ == stage::over) return;
  if (never_began_) return end(*never_began_, told);
  std::vector<monitor_event> events;
  monitor_->drain(events);
  for (const auto& event : events) follow(event, told);
  if (stage_ == stage::open) drain(told);
  if (stage_ == stage::connecting && now >= deadline_)
    end(no_answer(endpoint_, connect_timeout_), told);
  if (stage_ == stage::handshaking && now >= deadline_) end(silence(endpoint_), told);
}

void dialled::follow(const monitor_event& event, happenings& told) {
  switch (stage_ == stage::over ? 0 : event.what) {
    case ZMQ_EVENT_CONNECTED:
      stage_ = stage::handshaking;
      deadline_ = now_ + handshake_timeout_;
      break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      stage_ = stage::open;
      told.push_back(link_event::opened{id_});
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: end(key_refused(endpoint_), told); break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      end(not_spoken_here(endpoint_, event.value), told);
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: end(handshake_broke_off(), told); break;
    case ZMQ_EVENT_DISCONNECTED:
    case ZMQ_EVENT_CLOSED:
    case ZMQ_EVENT_CONNECT_RETRIED:
      if (stage_ == stage::open) drain(told);  // what it said before it left
      end(stage_ == stage::connecting    ? nobody_listens(endpoint_)
          : stage_ == stage::handshaking ? handshake_broke_off()
                                         : peer_left(),
          told);
      break;
    default: break;
  }
}

/// A server that cannot decrypt the first CURVE message hangs up.
fault dialled::handshake_broke_off() const {
  return {fault_code::auth_failed,
          "the handshake with " + endpoint_ +
              " was broken off: what listens there has another key, or is no fabric head",
          "check that a fabric head listens there and that the token is that head's"};
}

void dialled::drain(happenings& told) {
  frame content;
  while (socket_->receive(content)) {
    if (!content.has_more()) {
      tell_frame(id_, head_, content.bytes(), told);
      continue;
    }
    told.push_back(link_event::malformed{
        id_, head_, fault{fault_code::bad_message, "a message has more than one frame", ""}});
    while (content.has_more() && socket_->receive(content)) {
    }
  }
}

void dialled::queue(connection_id, outbox&& messages) {
  if (stage_ != stage::over) out_.take(std::move(messages));
}

void dialled::write(steady::time_point now, happenings& told) {
  now_ = now;
  if (stage_ == stage::over) return;
  // Full and gone look alike here (IMMEDIATE); the monitor tells when it is gone.
  if (stage_ == stage::open)
    out_.flush([&](std::string_view bytes) { return socket_->send(bytes); });
  if (out_.bytes() > limits_.outbox_bytes_max) end(too_slow(out_.bytes()), told);
}

void dialled::close(connection_id, fault why, happenings& told) {
  if (stage_ == stage::over) return;
  if (stage_ == stage::open) {
    out_.flush([&](std::string_view bytes) { return socket_->send(bytes); });
    linger(unsent_patience);
  }
  end(std::move(why), told);
}

void dialled::linger(std::chrono::milliseconds at_most) {
  if (socket_)
    static_cast<void>(socket_->set(zmq::sockopt::linger, static_cast<int>(at_most.count())));
}

void dialled::end(fault why, happenings& told) {
  stage_ = stage::over;
  told.push_back(link_event::closed{id_, std::move(why)});
  out_ = {};
  monitor_.reset();
  socket_.reset();
}

std::optional<steady::time_point> dialled::wakeup() const {
  if (stage_ == stage::connecting || stage_ == stage::handshaking) return deadline_;
  if (has_unsent()) return now_ + retry_full_queue;
  return std::nullopt;
}

}  // namespace fabric::transport
