#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "actors/api/object_body.hpp"
#include "fabric/object.hpp"
#include "fabric/session.hpp"

namespace fabric::detail {

/// What this process has of objects: its door to the host's store, open as long as there is a
/// session, a worker's service or a reference, and which object is which. Thread-safe.
class object_house {
 public:
  /// Of this process.
  static object_house& here();

  /// What sessions say before they `enter`; one that says nothing takes what others said. Throws
  /// usage_error where it makes no sense, or asks for another store than one that is in use.
  void configure(const object_options& how);
  void enter();
  void leave();
  [[nodiscard]] bool is_entered() const;

  /// All throw object_error.
  std::shared_ptr<open_store> store();
  object_hold put(std::span<const std::byte> bytes, object_layout how);
  /// The object of a reference that came. One that is not to be had is known as lost.
  object_hold take_up(const object_address& where, const object_way& by);
  /// By which references come of which nothing else is known.
  void set_usual_way(object_way by);
  [[nodiscard]] object_way usual_way() const;
  /// The object that this process knows by this id, or nullptr.
  object_hold known(const object_id& id);

 private:
  friend class object_body;
  object_house() = default;
  void forget(const object_id& id);
  object_hold enlist(object_hold made);

  mutable std::mutex mutex_;
  std::optional<objects::store_options> options_;
  std::weak_ptr<open_store> store_;
  std::shared_ptr<open_store> kept_;  // while somebody has entered
  unsigned users_ = 0;
  object_way usual_way_;
  std::unordered_map<object_id, std::weak_ptr<object_body>> known_;
};

/// The name of the store of this host, which is opened for it; no id where that cannot be.
object_id store_of_host();

/// Keeps the store open, once something was put, for as long as it lives.
class object_visit {
 public:
  object_visit() { object_house::here().enter(); }
  object_visit(const object_visit&) = delete;
  object_visit& operator=(const object_visit&) = delete;
  ~object_visit() { object_house::here().leave(); }
};

}  // namespace fabric::detail
