#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/api/actor_fleet.hpp"
#include "actors/api/call_timers.hpp"
#include "actors/api/desk.hpp"
#include "actors/api/packed_call.hpp"
#include "scheduler/actors/book.hpp"
#include "scheduler/actors/line.hpp"

namespace fabric::detail {

/// What this program knows of one actor: its line of calls there, and who is to hear of its end.
/// Its mutex guards all but what is constant.
class seat {
 public:
  seat(desk_ref desk, actor_ref who, bool own)
      : ref(std::move(who)), owner(std::move(desk)), is_own(own), calls({ref.pending_max}) {}

  const actor_ref ref;
  const desk_ref owner;
  const bool is_own;  ///< spawned by this program

  std::mutex mutex;
  roster::line calls;
  std::unordered_map<std::uint64_t, counted<state_base>> open;
  std::condition_variable changed;  // there is room in the line, or it is up, or has ended
  bool is_up = false;
  bool is_watched = false;  // its owner was asked
  std::optional<gone> end;
  std::vector<gone_callback> monitors;
};

/// A session's actors: the roster of those that it spawned, and its lines to these and to those of
/// others.
///
/// Locks are taken in this order: the desk's, a seat's, the fleet's.
class actor_desk {
 public:
  actor_desk(desk& owner, actor_fleet& where);
  ~actor_desk();
  actor_desk(const actor_desk&) = delete;
  actor_desk& operator=(const actor_desk&) = delete;

  // For programs.
  std::shared_ptr<seat> spawn(const actor_options& how, const class_entry& of,
                              counted<state_base> arguments);
  /// One that came as bytes, as its process is to be its home. Throws as `spawn`.
  std::shared_ptr<seat> spawn_packed(const actor_options& how, actor_birth birth);
  std::shared_ptr<seat> find(std::string_view name, std::string_view name_space,
                             std::chrono::nanoseconds wait);
  /// The seat of an actor that came from elsewhere.
  std::shared_ptr<seat> seat_of(const actor_ref& which);
  std::uint64_t make_group(supervision how, restart_rules rules);
  void call(const std::shared_ptr<seat>& at, const actor_call_options& how,
            counted<state_base> call);
  void withdraw(seat& at, std::uint64_t number, state_base& call, failure why);
  void kill(const std::shared_ptr<seat>& at);
  void monitor(const std::shared_ptr<seat>& at, gone_callback then);
  actor_status status_of(const std::shared_ptr<seat>& at);
  std::uint32_t life_of(const std::shared_ptr<seat>& at);
  /// Ends every actor and call; methods that run are told to stop.
  void end_all();
  /// And waits for them.
  void close();

  // For fleets. `birth_of`, `shape_of` and `seat_of_own` only within `carry_out`.
  void happened(const roster::event_type& what);
  void not_made(roster::host_id at, roster::actor_id which, roster::incarnation life, failure why);
  void ended(roster::host_id at, roster::actor_id which, roster::incarnation life,
             roster::event::how_ended how, failure why);
  struct checkpoint {
    std::string state;
    std::vector<carried_hold> objects;  ///< that it refers to
    std::uint64_t number = 0;           ///< later ones of a life have higher numbers
  };
  void saved(roster::actor_id which, roster::incarnation life, checkpoint what);
  [[nodiscard]] actor_birth birth_of(roster::actor_id which) const;
  [[nodiscard]] const calls::pool_shape& shape_of(roster::pool_id which) const;
  [[nodiscard]] std::shared_ptr<seat> seat_of_own(roster::actor_id which) const;
  /// As `carry_out` would, for what a fleet finds out later.
  template <class Fn>
  void locked(Fn fn) {
    const std::lock_guard lock(mutex_);
    fn();
  }
  /// The outcome lies in the call's state.
  void answered(const std::shared_ptr<seat>& at, std::uint64_t number, roster::incarnation life,
                roster::line::answer how);
  /// The state of a call that is under way, for an outcome that came as bytes.
  counted<state_base> open_call(seat& at, std::uint64_t number);
  /// News of an actor of another program.
  void is_alive(const std::shared_ptr<seat>& at, roster::incarnation life, roster::host_id where);
  void is_down(const std::shared_ptr<seat>& at);
  void is_gone(const std::shared_ptr<seat>& at, gone why);
  /// No answers come from there any more.
  void host_lost(roster::host_id where);
  /// This owner will not be back.
  void owner_lost(std::uint64_t program);
  /// nullptr where nobody here has a handle of it.
  [[nodiscard]] std::shared_ptr<seat> known_seat(std::uint64_t owner, std::uint64_t actor) const;
  [[nodiscard]] std::vector<std::shared_ptr<seat>> seats() const;
  desk& session() { return owner_; }

 private:
  struct owned {
    std::shared_ptr<seat> at;
    actor_birth birth;
    std::string name, name_space;
    demand needs;
    std::optional<failure> why;        // it failed for, at last
    roster::incarnation saved_in = 0;  // the life of the last checkpoint
    std::uint64_t saved_last = 0;
  };
  /// What is to be said when no lock is held.
  struct outcome {
    counted<state_base> call;
    std::unique_ptr<failure> why;
  };
  struct later {
    std::vector<outcome> ended;
    std::vector<std::pair<gone_callback, gone>> monitors;
    std::vector<std::pair<std::string, std::string>> names;  // to be released
  };

  void step(const roster::event_type& what, later& out);
  void on(const roster::command::alive& what, later& out);
  void on(const roster::command::down& what, later& out);
  void on(const roster::command::gone& what, later& out);
  void pack_and_enter(const std::shared_ptr<seat>& at, const actor_birth& birth,
                      const actor_options& how, const counted<state_base>& arguments);
  std::shared_ptr<seat> seat_for(const actor_options& how, actor_birth& birth);
  std::shared_ptr<seat> once_made(const std::shared_ptr<seat>& at);
  void enter(const std::shared_ptr<seat>& at, actor_birth birth, const actor_options& how,
             packed_call arguments);
  void enter(const std::shared_ptr<seat>& at, actor_birth birth, const actor_options& how);
  void lose_host(roster::host_id where, later& out);
  void carry_out(const std::shared_ptr<seat>& at, const roster::line::orders& orders, later& out);
  void end(const std::shared_ptr<seat>& at, gone why, bool at_once, later& out);
  void end_unborn(const std::shared_ptr<seat>& at, gone why, later& out);
  void settle(later& out);
  bool wait_for_room(seat& at, std::unique_lock<std::mutex>& lock);
  void watch_if_foreign(const std::shared_ptr<seat>& at);
  failure failure_of_dead(const seat& at, bool was_sent) const;
  roster::pool_id pool_of(const actor_options& how, demand& needs);
  void run_out_of_time(seat& at, std::uint64_t number);

  desk& owner_;
  actor_fleet& fleet_;

  mutable std::mutex mutex_;  // all up to the next comment
  roster::book book_;
  std::vector<roster::command_type> commands_;
  std::map<roster::actor_id, owned> owned_;
  std::vector<calls::pool_shape> shapes_;  // of pools, from 1
  std::uint64_t actors_ = 0;
  std::uint64_t groups_ = 0;
  bool is_closed_ = false;

  mutable std::mutex seats_mutex_;  // taken last
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::weak_ptr<seat>> seats_;
  std::size_t seats_swept_at_ = 64;

  call_timers timers_;  // locks by itself, and holds none while it calls
};

}  // namespace fabric::detail
