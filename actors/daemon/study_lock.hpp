#pragma once

#include <string>

#include "actors/store/file_lock.hpp"
#include "fabric/result.hpp"

namespace fabric::daemon {

/// One tuner at a time for one study of one file on this machine: two would not repeat a point (the file
/// forbids it), but each would take the other's running trials for abandoned ones. Held as long as the
/// object lives. Faults: store_locked, naming the holder; usage (a bad URL).
result<store::file_lock> lock_study(const std::string& storage, const std::string& study);

}  // namespace fabric::daemon
