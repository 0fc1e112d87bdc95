#include "bench/harness/pinged_head.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "actors/head.hpp"
#include "bench/harness/bench_case.hpp"
#include "bench/harness/sample.hpp"

namespace fabric::bench {

namespace {

const std::string pong = R"({"ok":true})";

transport::ask ping() { return {{}, "ping", ""}; }

bool is_pong(const result<transport::message>& what) {
  if (!what) return false;
  const auto* answer = std::get_if<transport::answer>(&*what);
  return answer != nullptr && answer->body == pong;
}

/// What both sides of the pipeline share.
struct progress {
  std::mutex guard;
  std::condition_variable changed;
  std::size_t answered = 0;
  std::size_t wrong = 0;
};

}  // namespace

pinged_head::pinged_head()
    : server_keys_(transport::make_key_pair()),
      client_keys_(transport::make_key_pair()),
      server_([this](const auto& ready) {
        auto process = require(actors::runtime::start(2));
        actors::head_options options{
            .server = server_keys_,
            .admitted = {{client_keys_.public_key, transport::role::client, "client", 0, false}},
            .give_up = [](const fault&) {}};
        auto head = require(actors::head::start(*process, std::move(options)));
        ready(head->endpoint() + " " + head->cluster());
        for (;;) pause();
      }) {}

pinged_head::~pinged_head() { head_.reset(); }

/// At the first use: a runtime starts threads.
void pinged_head::connect() {
  if (head_) return;
  const auto& line = server_.line();
  const auto space = line.find(' ');
  process_ = require(actors::runtime::start(1));
  head_ = std::make_unique<actors::head_connection>(
      *process_, actors::head_address{line.substr(0, space), server_keys_.public_key, client_keys_,
                                      line.substr(space + 1)});
  round_trips(100);
}

std::vector<double> pinged_head::round_trips(std::size_t count) {
  connect();
  std::vector<double> taken;
  taken.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = timer::now();
    const auto answer = head_->call(ping(), std::chrono::seconds{20});
    taken.push_back(seconds_since(start) * 1e6);
    require(is_pong(answer), "the head did not answer a ping");
  }
  return taken;
}

double pinged_head::rate(std::size_t count, std::size_t window) {
  connect();
  const auto shared = std::make_shared<progress>();
  const auto hear = [shared](const result<transport::message>& what) {
    const std::scoped_lock lock(shared->guard);
    ++shared->answered;
    if (!is_pong(what)) ++shared->wrong;
    shared->changed.notify_one();
  };
  const auto start = timer::now();
  std::size_t sent = 0;
  std::unique_lock lock(shared->guard);
  while (shared->answered < count) {
    const auto room = std::min(count, shared->answered + window);
    if (sent == room) {
      shared->changed.wait(lock);
      continue;
    }
    lock.unlock();
    for (; sent < room; ++sent) head_->call(ping(), hear);
    lock.lock();
  }
  const double taken = seconds_since(start);
  require(shared->wrong == 0, std::to_string(shared->wrong) + " pings were not answered");
  return static_cast<double>(count) / taken;
}

}  // namespace fabric::bench
