#pragma once

#include <string>

#include "fabric/result.hpp"

namespace fabric::daemon {

/// Writes what a command was told to write to a file: whole, or not at all. A file that is there is
/// replaced once the new one is on disk; what is no file (a device, a pipe) is written to as it is.
/// Faults: not_found (no such folder), store_full, store_failed, each as the system says it.
result<void> write_output_file(const std::string& path, const std::string& text);

}  // namespace fabric::daemon
