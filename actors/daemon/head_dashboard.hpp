#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/daemon/credentials.hpp"
#include "actors/daemon/start_options.hpp"
#include "actors/dashboard/dashboard.hpp"
#include "actors/head_connection.hpp"

/// The dashboard of a head: where it listens, and as whom it asks.
namespace fabric::daemon {

/// A dashboard's socket: bound, so that nobody else can have the port, but not answered yet.
struct dashboard_seat {
  dashboard::listener at;
  std::string address;                ///< "http://127.0.0.1:8265/"
  std::vector<std::string> notices;   ///< for the starter's standard error
  std::vector<std::string> warnings;  ///< for each start and for "status"
};

/// Listens where the command line says, else where it was last, else at 127.0.0.1:8265 and, where
/// that port is taken, at a free one. Fills in what `keys` lack for it. Starts no thread.
/// Faults: address_in_use for a port that was asked for; config.
result<dashboard_seat> take_dashboard_seat(const start_options& how, head_credentials& keys);

/// The link that signs a browser in.
std::string dashboard_link(const std::string& address, const head_credentials& keys);

/// A running dashboard with its session to the head, as an observer: it cannot change anything.
class head_dashboard {
 public:
  head_dashboard(actors::runtime& process, actors::head_address head, dashboard_seat seat,
                 const head_credentials& keys, const start_options& how);

 private:
  // In this order: the dashboard's threads ask until they have ended.
  std::unique_ptr<actors::head_connection> head_;
  std::unique_ptr<dashboard::dashboard> page_;
};

}  // namespace fabric::daemon
