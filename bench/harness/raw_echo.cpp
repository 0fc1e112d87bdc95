#include "bench/harness/raw_echo.hpp"

#include <zmq.h>

#include <array>
#include <cstring>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/sample.hpp"

namespace fabric::bench {

namespace {

constexpr std::size_t key_text_bytes = 41;  // Z85 with its zero

using key_text = std::array<char, key_text_bytes>;

void set(void* socket, int option, const void* value, std::size_t size) {
  require(zmq_setsockopt(socket, option, value, size) == 0,
          std::string{"zmq_setsockopt: "} + zmq_strerror(zmq_errno()));
}

void set_number(void* socket, int option, int value) { set(socket, option, &value, sizeof value); }

/// Without a high-water mark, so that no request is dropped.
void* open(void* context, int kind) {
  void* socket = zmq_socket(context, kind);
  require(socket != nullptr, "no socket");
  set_number(socket, ZMQ_SNDHWM, 0);
  set_number(socket, ZMQ_RCVHWM, 0);
  set_number(socket, ZMQ_LINGER, 0);
  return socket;
}

/// Sends back what comes, for ever. Tells "endpoint public-key".
void serve(bool with_curve, const std::function<void(const std::string&)>& ready) {
  void* context = zmq_ctx_new();
  void* socket = open(context, ZMQ_ROUTER);
  key_text open_half{};
  key_text secret_half{};
  if (with_curve) {
    require(zmq_curve_keypair(open_half.data(), secret_half.data()) == 0, "no keys");
    set_number(socket, ZMQ_CURVE_SERVER, 1);
    set(socket, ZMQ_CURVE_SECRETKEY, secret_half.data(), key_text_bytes);
  }
  require(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "cannot bind");
  std::array<char, 128> endpoint{};
  std::size_t size = endpoint.size();
  require(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint.data(), &size) == 0, "no endpoint");
  ready(std::string{endpoint.data()} + " " + open_half.data());
  for (;;) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    if (zmq_msg_recv(&part, socket, 0) < 0) return;
    const int more = zmq_msg_more(&part) != 0 ? ZMQ_SNDMORE : 0;
    if (zmq_msg_send(&part, socket, more) < 0) return;
  }
}

}  // namespace

raw_echo::raw_echo(bool with_curve)
    : with_curve_(with_curve),
      server_([with_curve](const auto& ready) { serve(with_curve, ready); }) {}

raw_echo::~raw_echo() {
  if (socket_ != nullptr) zmq_close(socket_);
  if (context_ != nullptr) zmq_ctx_term(context_);
}

/// At the first use: a context starts threads.
void raw_echo::connect() {
  if (socket_ != nullptr) return;
  context_ = zmq_ctx_new();
  socket_ = open(context_, ZMQ_DEALER);
  const auto& line = server_.line();
  const auto space = line.find(' ');
  if (with_curve_) {
    key_text open_half{};
    key_text secret_half{};
    require(zmq_curve_keypair(open_half.data(), secret_half.data()) == 0, "no keys");
    set(socket_, ZMQ_CURVE_SERVERKEY, line.c_str() + space + 1, key_text_bytes);
    set(socket_, ZMQ_CURVE_PUBLICKEY, open_half.data(), key_text_bytes);
    set(socket_, ZMQ_CURVE_SECRETKEY, secret_half.data(), key_text_bytes);
  }
  require(zmq_connect(socket_, line.substr(0, space).c_str()) == 0, "cannot connect");
  round_trips(100);
}

void raw_echo::send(const std::string& text) {
  require(zmq_send(socket_, text.data(), text.size(), 0) == static_cast<int>(text.size()),
          "not sent");
}

void raw_echo::receive(std::size_t bytes) {
  zmq_msg_t message;
  zmq_msg_init(&message);
  const bool is_right = zmq_msg_recv(&message, socket_, 0) == static_cast<int>(bytes);
  zmq_msg_close(&message);
  require(is_right, "an answer of another size");
}

std::vector<double> raw_echo::round_trips(std::size_t count, std::size_t bytes) {
  connect();
  const std::string text(bytes, 'x');
  std::vector<double> taken;
  taken.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = timer::now();
    send(text);
    receive(bytes);
    taken.push_back(seconds_since(start) * 1e6);
  }
  return taken;
}

double raw_echo::rate(std::size_t count, std::size_t window) {
  connect();
  const std::string text(message_bytes, 'x');
  const auto start = timer::now();
  std::size_t sent = 0;
  for (std::size_t answered = 0; answered < count; ++answered) {
    for (; sent < count && sent < answered + window; ++sent) send(text);
    receive(message_bytes);
  }
  return static_cast<double>(count) / seconds_since(start);
}

}  // namespace fabric::bench
