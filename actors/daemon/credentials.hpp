#pragma once

#include <cstdint>
#include <string>

#include "fabric/result.hpp"
#include "transport/keys.hpp"

namespace fabric::daemon {

/// A head's keys and what it must keep across restarts (keys.json, 0600).
struct head_credentials {
  transport::key_pair server;
  transport::key_pair node;    ///< of the head's own node
  transport::key_pair client;  ///< what cluster.json gives to clients
  transport::key_pair joiner;  ///< what the token gives to joining machines
  std::string bind_host;       ///< as started last
  std::uint16_t port = 0;
  std::string advertised;        ///< host as others reach it
  std::string store;             ///< absolute path; empty: store.db in the state directory
  transport::key_pair observer;  ///< as whom the dashboard asks
  std::string dashboard_token;   ///< who has it may read; hexadecimal
  std::string dashboard_host;    ///< as served last
  std::uint16_t dashboard_port = 0;
};

/// A worker's membership (keys.json, 0600).
struct node_credentials {
  transport::key_pair node;
  std::string server_public_key;
  std::string address;  ///< host:port of the head
  std::string cluster;
  std::uint64_t epoch_seen = 0;
};

/// Faults: not_found where there is none yet, bad_message, and those of the files.
result<head_credentials> load_head(const std::string& state_dir);
result<void> save(const std::string& state_dir, const head_credentials& what);
result<node_credentials> load_node(const std::string& state_dir);
result<void> save(const std::string& state_dir, const node_credentials& what);

/// What a client needs (cluster.json, 0600): address, the head's public key, a client's key pair.
struct cluster_file {
  std::string address;  ///< host:port
  std::string server_public_key;
  transport::key_pair client;
  std::string cluster;
  std::string state_dir;  ///< of the head that wrote it
  std::string dashboard;  ///< its address without token; empty: none
};
result<cluster_file> load_cluster(const std::string& path);
result<void> save(const std::string& path, const cluster_file& what);

/// --cluster FILE, else $FABRIC_CLUSTER, else the one that `start --head` left in the default
/// place. The empty string where nothing names one and none is there. Faults: config where nothing
/// names one and the default place is not known.
result<std::string> find_cluster_file(const std::string& given);
/// The default place. Faults: config.
result<std::string> default_cluster_file();

}  // namespace fabric::daemon
