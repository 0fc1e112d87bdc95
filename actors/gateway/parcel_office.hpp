#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "transport/relay.hpp"

namespace fabric::actors {

/// Passes parcels from program to program on the poll loop's own thread, so that they cost the head
/// no hand-over between threads. Who is where, the gateway tells. Thread-safe.
class parcel_office {
 public:
  /// `patience`: how long a program may be away before it is gone for good.
  parcel_office(transport::poll_loop& loop, std::uint64_t epoch, duration patience,
                const std::vector<program_id>& expected);

  /// On the loop's thread: takes the parcels out of what arrived, and sends them on.
  void take(std::vector<transport::link_event_type>& events);

  result<void> joined(program_id who, transport::relay::passport papers,
                      transport::relay::route where);
  [[nodiscard]] std::optional<session_id> session_of(program_id who);
  void left(transport::connection_id connection);
  /// Programs that are gone for good now; those who know them are told.
  std::vector<transport::relay::departure> due();
  std::optional<transport::relay::departure> retired(transport::connection_id connection);

 private:
  void pass(transport::connection_id from, transport::parcel& what);
  void introduce(transport::connection_id from, const transport::introduce& what);
  void say(const transport::relay::route& to, const transport::message& body);
  void tell(const transport::relay::departure& what);

  transport::poll_loop* loop_;
  std::uint64_t epoch_;
  std::mutex guard_;
  transport::relay programs_;
};

}  // namespace fabric::actors
