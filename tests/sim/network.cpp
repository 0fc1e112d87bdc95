#include "tests/sim/network.hpp"

#include <algorithm>

namespace fabric::sim {

void network::send(packet what) {
  ++totals_.sent;
  if (is_cut(what.from, what.to) || dice_.chance(weather_.drop)) {
    ++totals_.dropped;
    return;
  }
  if (dice_.chance(weather_.duplicate)) {
    ++totals_.duplicated;
    carry(what);
  }
  carry(what);
}

void network::carry(const packet& what) {
  time_.after(way(), [this, what, life = lives_[what.to]] {
    if (lives_[what.to] != life || is_cut(what.from, what.to)) return;
    const auto found = receivers_.find(what.to);
    if (found != receivers_.end()) found->second(what);
  });
}

duration network::way() {
  using namespace std::chrono_literals;
  const duration usual = dice_.between(duration{100us}, weather_.latency_longest);
  if (weather_.hold_longest <= duration{0} || !dice_.chance(weather_.hold)) return usual;
  ++totals_.held;
  return usual + dice_.between(duration{0}, weather_.hold_longest);
}

bool network::is_cut(address from, address to) const {
  const auto found = cuts_.find({from, to});
  return found != cuts_.end() && time_.now() < found->second;
}

void network::cut(address from, address to, instant until) {
  auto& end = cuts_[{from, to}];
  end = std::max(end, until);
}

void network::heal() {
  cuts_.clear();
  weather_ = weather{};
}

}  // namespace fabric::sim
