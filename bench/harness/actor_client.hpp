#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/harness/called.hpp"
#include "fabric/actor.hpp"

namespace fabric::bench {

/// Calls to actors, of a program that has handles of them. Every result is waited for, and the sums
/// of the actors are looked at: where calls were lost, case_failed is thrown.
class actor_client {
 public:
  explicit actor_client(std::vector<actor<adder>> whom);

  /// Microseconds of each of `count` calls to the first actor, made and awaited one after the
  /// other.
  std::vector<double> round_trips(std::size_t count);
  /// Results per second of `count` calls: all made, to the actors in turn, then all awaited. With a
  /// text of so many bytes each; 0: with a number.
  double rate(std::size_t count, std::size_t text_bytes = 0);

 private:
  std::vector<actor<adder>> whom_;
};

}  // namespace fabric::bench
