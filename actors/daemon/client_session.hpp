#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "actors/daemon/credentials.hpp"
#include "actors/daemon/print.hpp"
#include "actors/head_connection.hpp"

namespace fabric::daemon {

/// Flags that every command that talks to a head has.
struct client_flags {
  std::string cluster;
  bool as_json = false;
};
void add_client_flags(CLI::App& command, client_flags& to);

/// A connection to the cluster that --cluster, $FABRIC_CLUSTER or the default place names.
struct client_session {
  cluster_file cluster;
  std::unique_ptr<actors::runtime> process;
  std::unique_ptr<actors::head_connection> head;

  /// As head_connection::ask, with JSON on both sides.
  result<json> ask(const std::string& topic, const json& arguments);
};

/// Faults: unreachable where no cluster is named or known; config; those of the file.
result<client_session> connect(const client_flags& flags,
                               duration patience = std::chrono::seconds{60});

}  // namespace fabric::daemon
