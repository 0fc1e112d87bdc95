#pragma once

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/expected.hpp>
#include <functional>
#include <memory>
#include <set>
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
/// those of the actors' own scheduler where they wait (publish, unpublish, lookup, close).
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
    publish_actor(caf::actor_cast<caf::strong_actor_ptr>(actor), system_.message_types<Handle>(),
                  name, how);
  }
  /// Nothing where this program does not hold it. Afterwards it may be another's.
  void unpublish(const std::string& name, const caf_publish_options& how = {});

  /// The actor of that name; waits for so long until somebody publishes it. `Handle` is that of a
  /// typed actor where it was published as one. Errors, each with a line that says why:
  /// sec::remote_lookup_failed; sec::unexpected_actor_messaging_interface (it is of another type).
  template <class Handle = caf::actor>
  caf::expected<Handle> lookup(const std::string& name, duration timeout = duration{0},
                               const caf_publish_options& how = {}) {
    auto found = lookup_actor(system_.message_types<Handle>(), name, timeout, how);
    if (!found) return std::move(found.error());
    return caf::actor_cast<Handle>(std::move(*found));
  }

  /// Leaves the cluster: others' monitors of these actors fire, and these of others'. Idempotent.
  void close();

 private:
  using interface = std::set<std::string>;  // of a typed actor, as CAF says it

  void publish_actor(caf::strong_actor_ptr actor, const interface& takes, const std::string& name,
                     const caf_publish_options& how);
  caf::expected<caf::strong_actor_ptr> lookup_actor(const interface& wanted,
                                                    const std::string& name, duration timeout,
                                                    const caf_publish_options& how);

  caf::actor_system& system_;
  std::shared_ptr<actors::caf_bridge> bridge_;
};

}  // namespace fabric
