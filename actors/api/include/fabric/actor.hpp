#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fabric/detail_actor.hpp"

namespace fabric {

/// How long an actor lives that nobody kills.
enum class lifetime : std::uint8_t {
  session,   ///< as long as the session that spawned it
  detached,  ///< on a cluster, with a name: until it is killed, whatever becomes of the program
};

/// What the failure of one actor of a group means for the others, as in Erlang/OTP.
enum class supervision : std::uint8_t {
  one_for_one = 1,   ///< nothing
  one_for_all = 2,   ///< all are ended and made anew
  rest_for_one = 3,  ///< so are those that were spawned after it
};

/// So many restarts within this time; with one more it is given up.
struct restart_rules {
  std::uint32_t most = 0;
  std::chrono::microseconds within = std::chrono::seconds{60};
};

/// Actors that are supervised together; made by `session::make_group`.
class actor_group {
 public:
  actor_group() = default;
  explicit actor_group(std::uint64_t number) : number_(number) {}
  [[nodiscard]] std::uint64_t number() const { return number_; }
  bool operator==(const actor_group&) const = default;

 private:
  std::uint64_t number_ = 0;
};

enum class on_exception : std::uint8_t {
  fail_call,   ///< an exception of a method is the failure of that call
  fail_actor,  ///< and it ends the actor, which is made anew as its rules allow
};

/// How an actor is to live. Every field has a default; name those that differ.
struct actor_options {
  std::string name{};        ///< by which others find it; one at a time has it
  std::string name_space{};  ///< names of different namespaces do not meet
  /// What it holds as long as it lives. With nothing it shares a process with others that need
  /// nothing; else it has one of its own.
  double cpus = 0;
  double gpus = 0;
  std::uint64_t memory = 0;  ///< bytes
  std::vector<std::pair<std::string, double>> resources{};
  std::string labels{};  ///< conditions on the node's labels, as "zone=home,disk!=slow"
  int priority = 0;      ///< -1000 to 1000; higher goes first
  lifetime life = lifetime::session;
  restart_rules restarts{};  ///< of an actor that is in no group
  actor_group group{};       ///< supervised with others, by the group's rules
  on_exception exceptions = on_exception::fail_call;
  std::uint32_t pending_max = 1000;  ///< calls of one program that are not over
  std::uint32_t concurrency = 1;     ///< methods that run at a time; above 1 it guards its state
  /// Where the class has `save() const` and `restore(state)`: the state is kept after so many
  /// calls, before their results are told. 0: only when it says `this_actor().checkpoint()`.
  std::uint32_t checkpoint_every = 1;
};

enum class when_full : std::uint8_t {
  wait,    ///< the caller waits for room
  refuse,  ///< the call is refused: error_kind::busy
};

struct actor_call_options {
  std::chrono::microseconds timeout{0};  ///< from now on; 0 is none
  when_full full = when_full::wait;
  /// Where the actor's process is lost under it, it may run again: for methods that do the same
  /// when they run twice. Else such a call ends with error_kind::outcome_unknown.
  bool may_repeat = false;
};

/// Why an actor is gone. Numbers are stable: they travel.
enum class gone_reason : std::uint8_t {
  killed = 1,         ///< on request
  stopped = 2,        ///< it said so itself
  failed = 3,         ///< it failed, and had no restart left
  not_made = 4,       ///< its constructor threw, or its class is not known there
  host_lost = 5,      ///< its process or node was lost, and it had no restart left
  restart_limit = 6,  ///< it, or its group, failed more often than its rules allow
  infeasible = 7,     ///< no node could ever give what it needs
  closed = 8,         ///< the session that spawned it ended, or its program is gone
};
std::string_view name_of(gone_reason reason);

/// What a monitor is told.
struct gone {
  std::string actor;  ///< its name, or the name of its class
  gone_reason reason = gone_reason::killed;
  std::uint32_t restarts = 0;  ///< in all its life
  std::string what;            ///< more in words, as the text of an exception

  bool operator==(const gone&) const = default;
};
FABRIC_PACK(gone, actor, reason, restarts, what);

enum class actor_status : std::uint8_t { starting, alive, restarting, gone };

namespace detail {
void kill_actor(const std::shared_ptr<seat>& at);
actor_status status_of_actor(const std::shared_ptr<seat>& at);
std::uint32_t life_of_actor(const std::shared_ptr<seat>& at);
using gone_callback = std::function<void(const gone&)>;
void monitor_actor(const std::shared_ptr<seat>& at, gone_callback then);
}  // namespace detail

/// An actor of class T, wherever it lives. A value: copies mean the same actor, and it travels as
/// an argument or result of calls. Dropping it ends nothing. All members may be called from any
/// thread.
template <class T>
class actor {
 public:
  actor() = default;
  explicit actor(detail::handle which) : which_(std::move(which)) {}

  [[nodiscard]] bool valid() const { return which_.valid(); }

  /// Calls a registered method: `c.call(&counter::add, 5)`. Calls of one program to one actor
  /// begin in the order of these. A `future<X>` may stand where an X is expected: the call, and
  /// those behind it, wait for it. Throws usage_error (usage, unknown_function, busy); all else
  /// that goes wrong is the future's.
  template <class C, class F, class... A>
  auto call(F C::*method, A&&... args) const {
    return call(actor_call_options{}, method, std::forward<A>(args)...);
  }
  template <class C, class F, class... A>
  auto call(const actor_call_options& how, F C::*method, A&&... args) const {
    static_assert(std::is_base_of_v<C, T>, "fabric: the method is of another class");
    using signature = detail::method_signature<F C::*>;
    const auto& at = which_.at();
    const auto* entry = detail::find_method(detail::key_of_method<T>(method));
    if (entry == nullptr) detail::throw_unregistered_method(typeid(T));
    auto made = detail::make_method_call<T>(detail::desk_of(*at), entry, method,
                                            static_cast<typename signature::parameters*>(nullptr),
                                            std::forward<A>(args)...);
    detail::enter_line(at, how, made);
    return future<typename signature::result>{std::move(made)};
  }

  /// Ends it for good; no restart. Its calls fail; a method that runs is told to stop, and on a
  /// cluster a process that is the actor's own is killed.
  void kill() const { detail::kill_actor(which_.at()); }

  /// `then(const gone&)` runs once, on the session's callback thread, when it is gone for good, or
  /// soon where it is already.
  void monitor(detail::gone_callback then) const {
    detail::monitor_actor(which_.at(), std::move(then));
  }

  [[nodiscard]] actor_status status() const { return detail::status_of_actor(which_.at()); }
  /// Which life it has, as far as is known here: 1 more with each restart, 0 before the first.
  [[nodiscard]] std::uint32_t life() const { return detail::life_of_actor(which_.at()); }
  /// Its name, or the name of its class.
  [[nodiscard]] std::string name() const { return which_.ref().label; }

  bool operator==(const actor& b) const {
    return valid() == b.valid() && (!valid() || which_.ref() == b.which_.ref());
  }

 private:
  friend struct packing<actor>;
  detail::handle which_;
};

template <class T>
struct packing<actor<T>> {
  static void pack(writer& to, const actor<T>& value) {
    fabric::pack(to, value.valid() ? value.which_.ref() : detail::actor_ref{});
  }
  static actor<T> unpack(reader& from) {
    auto ref = fabric::unpack<detail::actor_ref>(from);
    if (!from.ok() || ref.actor == 0) return {};
    return actor<T>{detail::handle{std::move(ref)}};
  }
};

namespace detail {
/// What a method may know and say of its actor.
class actor_scope {
 public:
  virtual ~actor_scope() = default;
  virtual void stop() = 0;
  virtual void fail(std::string why) = 0;
  virtual void checkpoint() = 0;
  [[nodiscard]] virtual std::uint32_t life() const = 0;
  [[nodiscard]] virtual actor_ref ref() const = 0;
};
}  // namespace detail

/// The actor whose method, or constructor, the calling thread runs.
class actor_view {
 public:
  explicit actor_view(detail::actor_scope& of) : of_(&of) {}
  /// From 1; more where it was made anew.
  [[nodiscard]] std::uint32_t life() const { return of_->life(); }
  /// When this method is over it ends for good: reason stopped.
  void stop() { of_->stop(); }
  /// When this method is over it has failed, and is made anew as its rules allow.
  void fail(std::string why) { of_->fail(std::move(why)); }
  /// Its state is kept when this method is over, before the result is told.
  void checkpoint() { of_->checkpoint(); }
  /// Itself, to be given to others.
  template <class T>
  [[nodiscard]] actor<T> handle_as() const {
    return actor<T>{detail::handle{of_->ref()}};
  }

 private:
  detail::actor_scope* of_;
};

/// Throws usage_error outside of actors.
actor_view this_actor();

}  // namespace fabric

/// Makes a class's actors possible on other machines, under its own spelling. At namespace scope
/// beside the class, once or more often (in a header). Named are the parameters of the constructor
/// and the methods that can be called:
///
///     FABRIC_ACTOR(counter, (int), add, get);
///
/// All travel, so they are values that can be packed; a method may take a std::stop_token first. A
/// class with `S save() const` and `void restore(S)` keeps its state over restarts: `restore` is
/// called on a new object, made of the first arguments.
#define FABRIC_ACTOR(Class, Constructor, ...) \
  FABRIC_ACTOR_AS(#Class, Class, Constructor __VA_OPT__(, ) __VA_ARGS__)

/// The same under another name.
#define FABRIC_ACTOR_AS(name, Class, Constructor, ...)                                          \
  [[maybe_unused]] inline ::fabric::detail::constructor<void Constructor> fabric_constructor(   \
      const Class*) {                                                                           \
    return {};                                                                                  \
  }                                                                                             \
  [[maybe_unused]] static const ::fabric::detail::class_registration<Class> FABRIC_DETAIL_JOIN( \
      fabric_registration_, __COUNTER__) {                                                      \
    name, { __VA_OPT__(FABRIC_DETAIL_EXPAND(FABRIC_DETAIL_METHODS(Class, __VA_ARGS__))) }       \
  }
