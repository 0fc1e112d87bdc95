#pragma once

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/expected.hpp>
#include <functional>
#include <memory>
#include <string>

#include "fabric/error.hpp"
#include "fabric/instant.hpp"

/// For programs that live in CAF 0.17: their actors, and those of other programs of the cluster, as
/// ordinary handles. The only public header that includes CAF; docs/caf.md is its guide.
namespace fabric {

namespace actors {
class caf_bridge;
}

struct caf_node_options {
  /// The file that `fabricd start --head` wrote; empty: $FABRIC_CLUSTER, else the default place.
  std::string cluster{};
  std::string name = "caf";  ///< of this program, for people
  /// What may wait for one other program. Beyond, requests fail (BUSY) and messages are dropped.
  std::size_t waiting_bytes_max = 64 << 20;
  /// How long `close` waits until others have confirmed what was sent.
  duration linger = std::chrono::seconds{2};
  /// Hears what nobody else is told of: messages that are no requests and cannot be delivered,
  /// names that were lost. One line each, on any thread; empty: standard error.
  std::function<void(const std::string& line)> complain{};
};

struct caf_publish_options {
  std::string name_space{};
};

/// An actor system's place in a cluster. Make it after the system and before actors whose handles
/// travel within messages; it must end before the system does. All members from any thread but
/// those of the actors' own scheduler where they wait (publish, lookup, close).
class caf_node {
 public:
  /// Waits for the first session. Throws usage_error (unsupported) where the cluster cannot be
  /// used.
  explicit caf_node(caf::actor_system& system, caf_node_options how = {});
  caf_node(const caf_node&) = delete;
  caf_node& operator=(const caf_node&) = delete;
  ~caf_node();  ///< `close`

  /// Others find the actor under this name until it ends or is unpublished. Throws usage_error:
  /// key_conflict where another program holds the name, usage, unsupported (no head).
  template <class Handle>
  void publish(const Handle& actor, const std::string& name, const caf_publish_options& how = {}) {
    publish_actor(caf::actor_cast<caf::strong_actor_ptr>(actor), name, how);
  }
  void unpublish(const std::string& name, const caf_publish_options& how = {});

  /// The actor of that name; waits for so long until somebody publishes it. Errors:
  /// sec::remote_lookup_failed, with a line that says why.
  caf::expected<caf::actor> lookup(const std::string& name, duration timeout = duration{0},
                                   const caf_publish_options& how = {});

  /// Leaves the cluster: others' monitors of these actors fire, and these of others'. Idempotent.
  void close();

 private:
  void publish_actor(caf::strong_actor_ptr actor, const std::string& name,
                     const caf_publish_options& how);

  std::shared_ptr<actors::caf_bridge> bridge_;
};

}  // namespace fabric
