#pragma once

#include <string>
#include <vector>

#include "actors/plots/subject.hpp"

namespace fabric::plots {

/// A trial from its start to its end, in milliseconds since 1970.
struct run {
  const tuner::trial* row = nullptr;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;  ///< of one that runs: the latest time that the study knows of
};

/// The runs of one node, side by side where they overlap.
struct node_lanes {
  std::string node;
  std::vector<std::vector<run>> lanes;  ///< of each the runs follow one another
};

/// By the nodes' names. Trials that have not begun are left out.
std::vector<node_lanes> lanes_of(const subject& what);

}  // namespace fabric::plots
