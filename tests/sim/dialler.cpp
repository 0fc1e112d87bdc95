#include "tests/sim/dialler.hpp"

#include <span>

namespace fabric::sim {

using namespace std::chrono_literals;

namespace {}

void dialler::connect() {
  close();
  ++connection_;
  auto greeting = how_.greet();
  greeting.epoch_seen = epoch_seen_;
  greeted_ = greeting.worker_time;
  std::string frame;
  transport::append(frame, {}, greeting);
  w_.net.send({me_, 0, connection_, std::move(frame)});
  owner_.after(dice_.between(duration{500ms}, 1500ms), [this, connection = connection_] {
    if (connection == connection_ && !is_open()) connect();
  });
}

void dialler::forget() {
  session_ = {};
  ++connection_;
}

void dialler::close() {
  if (!is_open()) return;
  session_ = {};
  how_.closed();
}

void dialler::receive(const packet& what) {
  const auto parts = transport::decode(std::as_bytes(std::span(what.frame)));
  if (!parts) {
    w_.judge.object("a peer cannot read the head's frame: " + parts.error().detail);
    return;
  }
  for (const auto& part : *parts) {
    const auto* e = std::get_if<transport::envelope>(&part);
    if (e == nullptr) continue;
    const bool is_of_socket = what.connection == connection_;
    if (const auto* m = std::get_if<transport::welcome>(&e->body)) {
      if (is_of_socket && m->worker_time == greeted_) open(*m);
    } else if (std::holds_alternative<transport::unknown_session>(e->body)) {
      if (is_of_socket && is_open()) connect();
    } else if (is_open() && e->head.session == session_) {
      take(*e);
    }
  }
}

void dialler::take(const transport::envelope& e) {
  heard_ = w_.time.now();
  how_.heard(e.body);
}

void dialler::open(const transport::welcome& m) {
  if (m.epoch < epoch_seen_) return;
  const bool is_again = session_ == m.session;
  epoch_seen_ = m.epoch;
  session_ = m.session;
  heard_ = w_.time.now();
  how_.opened(m);
  if (!is_again) watch_silence(connection_);
}

void dialler::watch_silence(std::uint64_t connection) {
  owner_.after(w_.how.heartbeat, [this, connection] {
    if (connection != connection_ || !is_open()) return;
    if (w_.time.now() - heard_ > silent_beats_max * w_.how.heartbeat) return connect();
    watch_silence(connection);
  });
}

void dialler::send(const transport::message& what) {
  if (!is_open()) return;
  transport::header head;
  head.session = session_;
  head.sequence = ++sequence_;
  head.epoch = epoch_seen_;
  std::string frame;
  transport::append(frame, head, what);
  w_.net.send({me_, 0, connection_, std::move(frame)});
}

}  // namespace fabric::sim
