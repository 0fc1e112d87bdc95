#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/head_link.hpp"
#include "actors/node/task_launch.hpp"
#include "actors/protocol.hpp"

namespace fabric::spawner {
class link;
}

namespace fabric::actors {

struct node_settings {
  node_facts facts;
  capacity has;
  head_address head;
  incarnation_id incarnation;
  std::string boot_id;
  std::uint64_t epoch_seen = 0;
  std::uint64_t seed = 1;
  /// Called at the first WELCOME, or with the fault where the first call failed; later changes only
  /// reach the log.
  std::function<void(result<transport::welcome>)> first_contact;
  /// A higher head epoch was seen: to be remembered across restarts.
  std::function<void(std::uint64_t)> saw_epoch;
  /// The spawner is gone: every task died with it and none can be started.
  std::function<void(fault)> broken;
};

/// A node: holds the session with the head, runs what it is granted through the spawner, keeps reports
/// until they are acknowledged, and reads out task output.
node_actor spawn_node(caf::actor_system& system, node_settings how, transport::poll_loop& loop,
                      link_router& router, std::shared_ptr<spawner::link> processes);

}  // namespace fabric::actors
