#pragma once

#include <optional>
#include <string>

#include "fabric/result.hpp"

namespace fabric::daemon {

/// Where an instance keeps everything: keys, store, output, log, lock.
/// - given with --state-dir: that folder, made absolute;
/// - else $XDG_STATE_HOME/fabric/NAME, or ~/.local/state/fabric/NAME, with NAME from --name, or "head" or
///   "node" where there is none.
std::string state_dir_for(const std::string& given, const std::string& name,
                          const std::string& otherwise);

/// The folder that holds the instances that were not given a folder of their own.
std::string state_home();

/// Makes the folder (0700) or checks that it is ours. Faults: config (another user's, no folder, not
/// writable), store_full.
result<void> prepare_state_dir(const std::string& path);

/// Writes a file of mode 0600 as a whole: aside, flushed, renamed. Faults: store_full, store_failed.
result<void> write_secret_file(const std::string& path, const std::string& content);

/// Reads a file that must be ours and not open to others. Faults: not_found, config, store_failed.
result<std::string> read_secret_file(const std::string& path);

}  // namespace fabric::daemon
