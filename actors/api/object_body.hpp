#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/api/object_address.hpp"
#include "actors/objects/host_store.hpp"
#include "fabric/error.hpp"
#include "fabric/object.hpp"

namespace fabric::detail {

/// A way to what lies in stores of other hosts: a program's link. All from any thread.
class object_source {
 public:
  virtual ~object_source() = default;
  /// The program whose link it is.
  [[nodiscard]] virtual std::uint64_t self() const = 0;
  /// Brings the object here: `arrive`, `lose` or `fail_to_fetch` follows.
  virtual void fetch(const object_hold& what) = 0;
  /// The lender need not keep it for us any more.
  virtual void give_back(std::uint64_t lender, const object_id& what) = 0;
  /// A copy of what lies elsewhere: kept for a while, since what is asked for is asked for again.
  virtual void keep_spare(object_hold what) = 0;
  /// Room is needed.
  virtual void drop_spares() = 0;
};

/// How a reference came: by this link, from this program. Neither where it did not come by one.
struct object_way {
  std::weak_ptr<object_source> link;
  std::uint64_t from = 0;
};

/// References that this thread unpacks while it lives came this way.
class unpacking_from {
 public:
  explicit unpacking_from(object_way by);
  unpacking_from(const unpacking_from&) = delete;
  unpacking_from& operator=(const unpacking_from&) = delete;
  ~unpacking_from();
  /// Where nothing was said: the usual way of this process.
  static object_way now();
  /// What came this way and lies elsewhere, or a copy of it here, or refers to others.
  static void note(const object_hold& came);
  /// To be called where the one who sent it may let go of it. What of it somebody keeps is fetched,
  /// which waits; copies are kept as spare ones.
  void end();

 private:
  object_way by_;
  std::vector<object_hold> came_;
  unpacking_from* before_;
};

/// The store of this process's host while somebody here needs it. The last process to leave removes
/// what is left of it.
struct open_store {
  open_store(objects::host_store opened, objects::store_options options, unsigned made_after_forks);
  ~open_store();
  open_store(const open_store&) = delete;
  open_store& operator=(const open_store&) = delete;

  std::optional<objects::host_store> store;
  const objects::store_options how;
  const object_id name;
  const unsigned forks;
};

/// One object as this process knows it: kept in the store of this host, away on another, or lost.
/// Thread-safe.
class object_body : public std::enable_shared_from_this<object_body> {
 public:
  object_body(object_address where, std::shared_ptr<open_store> store, objects::handle held);
  object_body(object_address where, object_way by);
  object_body(object_address where, failure lost);
  ~object_body();
  object_body(const object_body&) = delete;
  object_body& operator=(const object_body&) = delete;

  [[nodiscard]] object_address where() const;
  [[nodiscard]] bool is_here() const;
  /// Here or elsewhere, it was made elsewhere.
  [[nodiscard]] bool is_foreign() const;
  /// Programs that may have it, the likeliest first.
  [[nodiscard]] std::vector<std::uint64_t> sources() const;

  /// Fetches it where it is away, and waits; within a task its slot is lent meanwhile. Throws
  /// object_error, wait_error, cancelled_error.
  object_bytes map(std::chrono::nanoseconds at_most);
  /// Runs `then` when it is here, lost, or was not to be fetched now; at once where it is not away.
  /// From any thread.
  void fetch(std::function<void()> then);

  /// Another way to it.
  void offer(const object_address& where, const object_way& by);
  /// A program keeps it for us; it is told when that is no longer needed.
  void borrow(const object_way& by);

  /// What its value refers to is kept for as long as it lives itself.
  void keep(object_hold inner);
  [[nodiscard]] std::vector<object_hold> inner() const;
  /// Its value refers to objects that it does not keep yet.
  [[nodiscard]] bool lacks_inner() const;
  /// Reads from its value which they are, and keeps them; what is unknown is asked for that way.
  /// Fetches it where it is away. Throws as `map`.
  void find_inner(const object_way& by);

  void arrive(std::shared_ptr<open_store> store, objects::handle held);
  void lose(failure why);
  /// There is no room for it here; later there may be.
  void fail_to_fetch(failure why);

  const object_id id;
  const std::uint64_t size;

 private:
  using lock = std::unique_lock<std::mutex>;
  void ask(lock& held);
  void settle(lock& held);
  void wait(lock& held, std::chrono::nanoseconds at_most);

  mutable std::mutex mutex_;
  std::condition_variable settled_;
  object_address where_;
  std::shared_ptr<open_store> store_;
  std::optional<objects::handle> held_;  // here
  std::optional<failure> lost_;
  // away: neither
  object_way by_;
  std::vector<object_way> lenders_;
  bool is_asked_ = false;
  bool is_foreign_ = false;
  std::uint64_t rounds_ = 0;            // of asking that are over
  std::optional<failure> not_fetched_;  // the last one
  std::vector<std::function<void()>> thens_;
  std::map<object_id, object_hold> inner_;
};

/// As an error of this library.
failure failure_of_store(const fault& why);
[[noreturn]] void throw_store_fault(const fault& why);

}  // namespace fabric::detail
