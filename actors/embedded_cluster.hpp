#pragma once

#include <memory>
#include <string>

#include "actors/head.hpp"
#include "actors/head_link.hpp"
#include "actors/runtime.hpp"
#include "actors/worker.hpp"
#include "fabric/demand.hpp"

namespace fabric::actors {

/// A whole cluster in this process: a head without a file, on a loopback port of the system's choice with
/// keys of its own, and one node. Everything ends with the object.
class embedded_cluster {
 public:
  /// `processes` must have been launched before `process` started its threads. Output of tasks goes
  /// under `folder`, which exists. Faults: those of head::start, or why the node could not join.
  static result<std::unique_ptr<embedded_cluster>> start(runtime& process,
                                                         std::shared_ptr<spawner::link> processes,
                                                         const std::string& folder,
                                                         const capacity& has);
  ~embedded_cluster();

  /// Where and as whom a client of it calls.
  [[nodiscard]] const head_address& client() const;

 private:
  struct parts;
  explicit embedded_cluster(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace fabric::actors
