#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/sim/dice.hpp"
#include "tests/sim/sim_process.hpp"
#include "tests/sim/world.hpp"
#include "transport/codec.hpp"

namespace fabric::sim {

/// The peer's half of a session: HELLO, WELCOME, silence, start anew. Every connection is a new
/// socket, so answers to an older one are not heard; messages of an older session are dropped.
class dialler {
 public:
  struct wishes {
    std::function<transport::hello()> greet;
    std::function<void(const transport::welcome&)> opened;
    std::function<void(const transport::message&)> heard;
    std::function<void()> closed;
  };

  dialler(world& w, sim_process& owner, address me, std::uint64_t seed, wishes how)
      : w_(w), owner_(owner), me_(me), dice_(seed), how_(std::move(how)) {}

  void connect();
  /// At the end of the owner's life: says nothing to anybody.
  void forget();
  void receive(const packet& what);
  void send(const transport::message& what);
  [[nodiscard]] bool is_open() const { return session_.value != 0; }

 private:
  void take(const transport::envelope& e);
  void open(const transport::welcome& m);
  void close();
  void watch_silence(std::uint64_t connection);

  world& w_;
  sim_process& owner_;
  address me_;
  dice dice_;
  wishes how_;
  std::uint64_t connection_ = 0;  // never repeats, over all lives
  session_id session_;
  instant greeted_{};  // HELLO's worker_time
  instant heard_{};
  std::uint64_t epoch_seen_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace fabric::sim
