#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/node_actor.hpp"
#include "actors/runtime.hpp"

namespace fabric::actors {

/// The node's half of a process: the node actor and the thread that listens to the spawner.
class worker {
 public:
  /// Starts to call the head; `how.first_contact` tells what came of it.
  static std::unique_ptr<worker> start(runtime& process, node_settings how,
                                       std::shared_ptr<spawner::link> processes);
  ~worker();  ///< ends the actor and the spawner: what still runs is killed

  /// Declines new work and calls `done` (on an actor thread) once nothing runs; what still runs after
  /// `deadline` is handed back.
  void drain(duration deadline, std::function<void()> done);

 private:
  struct parts;
  explicit worker(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace fabric::actors
