#pragma once

#include <memory>
#include <vector>

#include "tests/sim/head.hpp"
#include "tests/sim/node.hpp"
#include "tests/sim/submitter.hpp"
#include "tests/sim/tuner_client.hpp"
#include "tests/sim/world.hpp"

namespace fabric::sim {

/// Everyone there is.
struct cast {
  head* top = nullptr;
  std::vector<std::unique_ptr<node>>* nodes = nullptr;
  submitter* client = nullptr;
  tuner_client* tuner = nullptr;
};

/// Breaks one thing after another until its time is over, then repairs everything.
class nemesis {
 public:
  nemesis(world& w, cast who, std::uint64_t seed);
  void run_until(instant end);

 private:
  void strike(instant end);
  void strike_head();
  void strike_node();
  void strike_network();
  void strike_client();
  void operate();
  void heal();
  duration a_while();

  world& w_;
  cast who_;
  dice dice_;
  duration pace_{0};
  weather usual_;
};

}  // namespace fabric::sim
