#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/protocol.hpp"

namespace fabric::actors {

struct scheduler_options {
  scheduler::settings how;
  /// Called when the store failed in a way that only a restart can mend (the daemon exits).
  std::function<void(const fault&)> give_up;
  /// Facts of the head for "status": name, version, address, epoch, insecure (a JSON object).
  std::string about;
  std::vector<std::string> warnings;  ///< that "status" always shows
};

/// Carries events into the scheduler's core and its commands out, in that order: the records of a
/// step are committed before any other command of it, or of a later step, leaves.
///
/// When a commit fails, what the core believes and what the disk holds differ: the core is thrown
/// away and read back from the store, and every session begins anew, as after a restart.
scheduler_actor spawn_scheduler(caf::actor_system& system, scheduler_options how,
                                scheduler::engine core, store_actor store);

}  // namespace fabric::actors
