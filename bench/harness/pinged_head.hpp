#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "actors/head_connection.hpp"
#include "actors/runtime.hpp"
#include "bench/harness/server_process.hpp"

namespace fabric::bench {

/// A head in a process of its own and a client of it here, over tcp on loopback with CURVE, as
/// daemons and commands have it.
class pinged_head {
 public:
  pinged_head();  ///< before anything starts a thread
  ~pinged_head();

  /// Microseconds of each of `count` questions, one after the other, from a thread that blocks for
  /// each answer.
  std::vector<double> round_trips(std::size_t count);
  /// Answers per second of `count` questions with at most `window` under way.
  double rate(std::size_t count, std::size_t window);

 private:
  void connect();

  transport::key_pair server_keys_;
  transport::key_pair client_keys_;
  server_process server_;
  std::unique_ptr<actors::runtime> process_;
  std::unique_ptr<actors::head_connection> head_;
};

}  // namespace fabric::bench
