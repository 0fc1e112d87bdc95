#pragma once

#include <string>
#include <vector>

#include "bench/harness/bench_case.hpp"

namespace fabric::bench {

/// What came of a case; `failed` is empty where it did its work.
struct outcome {
  std::vector<measurement> figures;
  std::string failed;
};

/// Runs the case in a process of its own: it starts with one thread (as the spawner demands), its
/// memory is its own, and its crash is no other's. Precondition: this process has one thread.
outcome run_isolated(const bench_case& what, const settings& how);

}  // namespace fabric::bench
