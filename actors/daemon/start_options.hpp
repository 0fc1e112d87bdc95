#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fabric/instant.hpp"
#include "resources/overrides.hpp"
#include "scheduler/policy.hpp"

namespace fabric::daemon {

/// `fabricd start`, checked.
struct start_options {
  bool head = false;
  std::string address;  ///< host:port of the head, for a worker
  std::string token;
  std::string host;  ///< --node-ip-address; empty: 127.0.0.1 for a head, detected for a worker
  std::optional<std::uint16_t> port;  ///< head only; 0 picks one
  overrides resources;
  std::string name;
  std::string state_dir;         ///< absolute
  bool named_state_dir = false;  ///< --state-dir was given
  std::string store;             ///< absolute path; empty: as before, or in the state directory
  duration lease = std::chrono::seconds{60};
  bool durable_to_disk = true;
  scheduler::placement_policy placement = scheduler::placement_policy::pack;
  std::vector<std::string> worker_command;  ///< --worker: serves functions in place of programs
  bool foreground = false;
  bool as_json = false;
  bool has_dashboard = true;                    ///< head only, as all that follows
  std::string dashboard_host;                   ///< empty: as before, or 127.0.0.1
  std::optional<std::uint16_t> dashboard_port;  ///< 0 picks one
  std::vector<std::string> dashboard_names;     ///< further names that browsers may use
};

int start_head(const start_options& how);
int start_worker(const start_options& how);

}  // namespace fabric::daemon
