#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "tests/sim/dice.hpp"
#include "tests/sim/timeline.hpp"

namespace fabric::sim {

/// A machine on the network. Number 0 is the head's.
using address = std::uint32_t;

/// What is on its way. `connection` is the dialler's count of its sockets.
struct packet {
  address from = 0;
  address to = 0;
  std::uint64_t connection = 0;
  std::string frame;
};

/// How bad the network is at the moment.
struct weather {
  double drop = 0;
  double duplicate = 0;
  double hold = 0;  ///< how many are held back
  duration hold_longest{0};
  duration latency_longest = std::chrono::milliseconds{20};
};

/// Packets are delayed one by one, so they overtake each other. What is on its way to a process
/// that ended meanwhile is gone with its connection.
class network {
 public:
  using receiver = std::function<void(const packet&)>;
  struct totals {
    std::uint64_t sent = 0;
    std::uint64_t dropped = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t held = 0;
  };

  network(timeline& time, std::uint64_t seed) : time_(time), dice_(seed) {}

  void listen(address who, receiver what) { receivers_[who] = std::move(what); }
  void process_ended(address who) { ++lives_[who]; }
  void send(packet what);

  void change(weather now) { weather_ = now; }
  /// Nothing gets from `from` to `to` until then. One way only.
  void cut(address from, address to, instant until);
  void heal();
  [[nodiscard]] const totals& count() const { return totals_; }

 private:
  void carry(const packet& what);
  [[nodiscard]] bool is_cut(address from, address to) const;
  duration way();

  timeline& time_;
  dice dice_;
  weather weather_;
  totals totals_;
  std::map<address, receiver> receivers_;
  std::map<address, std::uint64_t> lives_;
  std::map<std::pair<address, address>, instant> cuts_;
};

}  // namespace fabric::sim
