#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/network.hpp"

namespace fabric::sim {

struct verdict {
  std::uint64_t seed = 0;
  std::string finding;  ///< empty: nothing wrong
  duration lasted{0};   ///< of virtual time
  std::uint64_t happenings = 0;
  std::uint64_t runs = 0;
  std::uint64_t runs_without_result = 0;
  std::uint64_t tasks = 0;
  std::uint64_t points = 0;
  std::uint64_t late_tells = 0;
  std::uint64_t stale_results = 0;
  network::totals packets;
};

struct options {
  std::uint64_t seed = 1;
  int minutes = 2;  ///< of trouble, before everything is healed
  bool verbose = false;
};

/// One world from its seed to the end of all its work. Equal options, equal verdicts.
verdict simulate(const options& how);

}  // namespace fabric::sim
