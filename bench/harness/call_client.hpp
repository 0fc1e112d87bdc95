#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/harness/bench_case.hpp"
#include "fabric/session.hpp"

namespace fabric::bench {

/// A program that calls functions on a cluster. Every result is looked at; a wrong one throws
/// case_failed.
class call_client {
 public:
  /// Starts threads.
  call_client(const std::string& cluster_file, const settings& how);

  /// Lets the cluster start the workers that it gives to one with many calls. What is idle for a
  /// second loses them, so this comes before each measurement.
  void warm_up();
  /// Microseconds of each of `count` calls, made and awaited one after the other.
  std::vector<double> round_trips(std::size_t count);
  /// Results per second of `count` calls: all submitted, one by one, then all awaited.
  double submit_rate(std::size_t count);
  /// The same by `map`.
  double map_rate(std::size_t count);
  /// Microseconds of each of `count` calls that carry so many bytes there and back.
  std::vector<double> round_trips_of(std::size_t bytes, std::size_t count);

  [[nodiscard]] session& own() { return session_; }

 private:
  session session_;
  double warm_seconds_;
};

}  // namespace fabric::bench
