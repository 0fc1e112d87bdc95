#pragma once

#include <map>
#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "transport/message.hpp"
#include "transport/spawner_message.hpp"
#include "transport/work.hpp"

/// From a grant to a process, and from a process's end to a report: pure functions.
namespace fabric::actors {

/// What every task of a node has in common.
struct node_facts {
  node_id id;
  std::string name;
  std::string host;
  std::string state_dir;                        ///< absolute; output goes under it
  std::map<std::string, std::string> base_env;  ///< what tasks inherit
  std::uint64_t output_bytes_max = 64 << 20;
  duration kill_grace = std::chrono::seconds{10};
  std::string head_endpoint;  ///< as this node reaches it; for workers of programs
  std::string launcher;       ///< path of fabricd, which fetches a program and becomes it
  std::vector<std::string> worker_command;  ///< what to run instead of that; empty: nothing
  bool takes_reports = false;               ///< trials are told where to report
};

/// The part of `environment` that tasks of a daemon inherit: an allow-list, so that nothing secret
/// of the daemon's reaches them.
std::map<std::string, std::string> inheritable(
    const std::map<std::string, std::string>& environment);

/// This process's environment.
std::map<std::string, std::string> own_environment();

/// "job" and "index.attempt.out" under the state directory.
std::string output_path(const std::string& state_dir, attempt_id id, std::uint8_t stream);
/// The attempt's own scratch folder.
std::string scratch_path(const std::string& state_dir, attempt_id id);

/// `folder_exists` answers whether the node has a folder. A work folder that is not required and
/// does not exist becomes the scratch folder (`uses_scratch` is set).
struct launch {
  transport::spawner::start start;
  bool uses_scratch = false;
};
/// Faults: bad_message (a payload that cannot be read).
result<launch> launch_of(const transport::grant& what, const node_facts& node,
                         bool (*folder_exists)(const std::string&));

/// What is reported of an ended process.
transport::task_report report_of(const transport::spawner::process_ended& what,
                                 const node_facts& node);

/// `scheduler::ending` of it.
std::uint8_t ending_of(const transport::spawner::process_ended& what);

}  // namespace fabric::actors
