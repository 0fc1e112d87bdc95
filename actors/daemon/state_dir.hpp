#pragma once

#include <optional>
#include <string>

#include "fabric/result.hpp"

namespace fabric::daemon {

/// Where an instance keeps everything: keys, store, output, log, lock.
/// - given with --state-dir: that folder, made absolute;
/// - else $XDG_STATE_HOME/fabric/NAME, or ~/.local/state/fabric/NAME, with NAME from --name, or
/// "head" or
///   "node" where there is none.
/// Faults: config where the state home is needed and not known.
result<std::string> state_dir_for(const std::string& given, const std::string& name,
                                  const std::string& otherwise);

/// What is wrong with `name` as a name of an instance, which is one component of a path; empty
/// where nothing is. The form is CLI11's for a check of an option.
std::string instance_name_rule(const std::string& name);

/// The folder that holds the instances that were not given a folder of their own, by the two
/// variables (null: not set): $XDG_STATE_HOME/fabric, else ~/.local/state/fabric. A relative
/// XDG_STATE_HOME counts as none, as its specification has it. Faults: config where HOME is needed
/// and is not the path of a folder: another place would be one that nobody looks for.
result<std::string> state_home_by(const char* xdg_state_home, const char* home);
/// The same with this process's environment.
result<std::string> state_home();

/// Makes the state home or a folder directly in it, or closes it to others: those are Fabric's own
/// by their names. Faults: config, store_full.
result<void> prepare_home_folder(const std::string& path);

/// Makes an instance's folder (0700). One that exists must be ours and either empty or an
/// instance's that is closed to others: a folder of something else is left as it is. Faults:
/// config, store_full.
result<void> prepare_state_dir(const std::string& path);

/// Writes a file of mode 0600 as a whole: aside, flushed, renamed. Faults: store_full,
/// store_failed.
result<void> write_secret_file(const std::string& path, const std::string& content);

/// Reads a file that must be ours and not open to others. Faults: not_found, config, store_failed.
result<std::string> read_secret_file(const std::string& path);

}  // namespace fabric::daemon
