#pragma once

#include <string>

#include "actors/store/study_store.hpp"

/// Where the studies of a command lie.
namespace fabric::daemon {

/// The URL of --storage; where none was given, a file in the state home. Faults: config.
result<std::string> storage_or_default(const std::string& named);
/// Faults: config, the store's.
result<store::study_store> open_storage(const std::string& named, store::study_store::mode how);

}  // namespace fabric::daemon
