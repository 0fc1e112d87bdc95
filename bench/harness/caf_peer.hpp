#pragma once

#include <functional>
#include <memory>
#include <string>

namespace fabric::bench {

/// What carries messages between the CAF actors of two processes.
enum class caf_carrier {
  fabric,       ///< <fabric/caf.hpp>
  io,           ///< CAF's own io module, its actors scheduled as ours are (policy "sharing")
  io_stealing,  ///< the same under CAF's default policy
};

/// Serves an actor that adds what it is sent, for ever. Tells `ready` where it is found.
void serve_caf_counter(caf_carrier by, const std::string& cluster_file,
                       const std::function<void(const std::string& where)>& ready);

/// A program that talks to such an actor.
class caf_client {
 public:
  caf_client(caf_carrier by, const std::string& cluster_file, const std::string& where);
  ~caf_client();

  /// Median microseconds of `count` requests, one after the other.
  double round_trip_us(std::size_t count);
  /// Messages per second of `count`, until the actor says that it has all of them. Each carries a
  /// text of so many bytes; 0: a number.
  double rate(std::size_t count, std::size_t text_bytes = 0);

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace fabric::bench
