#pragma once

#include <atomic>
#include <caf/all.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/caf_bridge/content.hpp"
#include "actors/caf_bridge/ledger.hpp"
#include "actors/caf_bridge/letter.hpp"
#include "actors/caf_bridge/proxy.hpp"
#include "actors/program/program_link.hpp"
#include "actors/program/program_names.hpp"
#include "fabric/caf.hpp"

namespace fabric::actors {

/// Between one actor system and the other programs of a cluster. A message is packed on the thread
/// that sends it, and unpacked on the link's. What one thread says to one program arrives in order.
///
/// `guard_` holds the ledger and what waits for the link; the registry of proxies has a lock of its
/// own, which is taken first where both are.
class caf_bridge final : public program_listener,
                         public caf::proxy_registry::backend,
                         public std::enable_shared_from_this<caf_bridge> {
 public:
  /// Of one message with all that it holds.
  static constexpr std::size_t letter_bytes_max = 48 << 20;

  caf_bridge(caf::actor_system& system, caf_node_options how);

  /// Waits for the first session. Faults: of the link, and why there is no session.
  result<void> open(head_address where);
  void close();

  /// `interface`: of a typed actor, as CAF says it; empty for others.
  result<void> publish(caf::strong_actor_ptr actor, const std::set<std::string>& interface,
                       const program_name& name);
  /// Waits until others may have it.
  void unpublish(const program_name& name);
  caf::expected<caf::strong_actor_ptr> lookup(const std::set<std::string>& interface,
                                              const program_name& name, duration timeout);

  // For the proxies, on any thread.
  void forward(remote_actor& to, caf::mailbox_element& what, caf::execution_unit* context);
  void link(remote_actor& to, caf::actor_id ours, bool is_linked);

  // For CAF.
  caf::strong_actor_ptr make_proxy(caf::node_id node, caf::actor_id id) override;
  void set_last_hop(caf::node_id*) override {}

  // For the link.
  void opened(const transport::welcome& terms) override;
  void lost(const fault& why, bool for_good) override;
  void heard(program_id from, std::vector<transport::program::message> messages) override;
  void gone(program_id who) override;
  void told(transport::message&) override {}
  instant turn(instant now) override;

 private:
  struct peer {
    std::vector<std::string> mail;  // not yet the link's
    std::size_t bytes = 0;          // of it
    std::size_t with_link = 0;      // said and not confirmed, when last asked
    bool is_gone = false;
  };
  enum class posting { done, full, gone };

  posting post(program_id to, std::string letters, bool is_refusable);
  void post(program_id to, const letter::any& what);
  void complain(const std::string& line) const;
  void fail(const caf::strong_actor_ptr& sender, caf::message_id number, caf::error why,
            const std::string& line);
  void fail(const remote_actor& to, const caf::mailbox_element& what, caf::execution_unit& context,
            caf::error why, const std::string& line);
  void fail(const std::vector<ledger::request>& all);
  /// In another program, of this cluster or of another network.
  [[nodiscard]] bool is_elsewhere(const caf::strong_actor_ptr& actor) const;
  letter::actor_ref reference_to(const caf::strong_actor_ptr& actor);
  caf::strong_actor_ptr actor_of(const letter::actor_ref& what);
  void ended(caf::actor_id ours, const caf::error& reason);
  void release(const program_name& name, caf::actor_id ours);
  /// Runs on the link's thread; answers false, and runs nothing, after `close`.
  bool order(std::function<void(bool is_over)> what);

  void take(program_id from, const letter::greeting&);
  void take(program_id from, const letter::delivery& what);
  void take(program_id from, const letter::watch& what);
  void take(program_id from, const letter::ended& what);
  void take(program_id from, const letter::link& what);
  void take(program_id from, const letter::moved& what);

  caf::actor_system& system_;
  const caf_node_options how_;
  const program_id id_ = new_program_id();
  caf::proxy_registry proxies_;

  std::mutex guard_;
  std::condition_variable flushed_;
  std::unordered_map<program_id, peer> peers_;
  std::set<program_id> dirty_;
  ledger ledger_;
  std::vector<std::function<void(bool)>> orders_;
  bool is_closing_ = false;
  bool is_over_ = false;

  // The link's thread's.
  caf::scoped_execution_unit context_;
  content_reader reader_;
  program_names names_;
  std::map<program_name, caf::actor_id> named_;  // the last actor of each name, held or asked for
  std::promise<result<void>> first_contact_;
  bool has_contact_ = false;

  std::unique_ptr<program_link> link_;
};

}  // namespace fabric::actors
