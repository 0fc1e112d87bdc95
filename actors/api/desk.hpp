#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "actors/api/fleet.hpp"
#include "actors/api/note_board.hpp"
#include "actors/api/terms.hpp"
#include "fabric/detail_call.hpp"
#include "scheduler/calls/book.hpp"
#include "scheduler/calls/key_index.hpp"

namespace fabric::detail {

class actor_desk;
class object_visit;

/// A session's inside: the book behind a lock, the states of the calls in it, the thread that waits
/// for its time to come, and the thread of callbacks. Lives as long as a future of it.
class desk {
 public:
  explicit desk(std::unique_ptr<fleet> where);
  desk(const desk&) = delete;
  desk& operator=(const desk&) = delete;

  void add_ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release();

  void submit(const call_options& how, state_base** calls, std::size_t n);
  counted<state_base> submit_keyed(const call_options& how, counted<state_base> call);
  void cancel(state_base& call, bool hard);
  [[nodiscard]] call_status status_of(const state_base& call);
  [[nodiscard]] std::size_t open_calls();
  void close();

  /// Runs it on the callback thread; on this one where the session has ended.
  void post(std::vector<std::unique_ptr<callback>> what);
  /// For a callback that waits: runs another one meanwhile, or waits for one for a moment.
  void run_a_callback();
  /// The desk whose callback thread this is, or nullptr.
  static desk* of_this_thread();

  /// Throws usage_error where the fleet has none.
  [[nodiscard]] actor_desk& actors();
  [[nodiscard]] note_board& notes() { return notes_; }

  // For fleets. `record_of` and `shape_of` only within `carry_out` or `locked`.
  void happened(const calls::event_type& what);
  /// The report on an attempt whose outcome lies in its state.
  static calls::event::ended_call judged(const state_base& call, calls::call_id id,
                                         std::uint32_t attempt);
  /// nullptr for a call that is over.
  state_base* record_of(calls::call_id id) { return bodies_[calls::place_of(id)].get(); }
  const calls::pool_shape& shape_of(calls::pool_id id) { return book_.shape_of(id); }
  /// As within `carry_out`, for what a fleet finds out later.
  template <class Fn>
  void locked(Fn fn) {
    const std::lock_guard lock(mutex_);
    fn();
  }
  /// `fleet::flush` is to be called soon.
  void hurry();
  [[nodiscard]] bool is_of_this_process() const;

 private:
  using done_list = std::vector<counted<state_base>>;

  ~desk();
  void step(const calls::event_type& what, done_list& done);
  void finish(const calls::command::finished& what, done_list& done);
  failure failure_of(const calls::command::finished& what, state_base& call);
  void settle(done_list& done);
  std::shared_ptr<const call_terms> terms_for(const call_options& how, const state_base& call);
  calls::call_id announce(state_base& call);
  void submit_checked(state_base** calls, std::size_t n);
  void enter(state_base** calls, std::size_t n, bool is_nested);
  void watch_time();
  void run_callbacks();

  std::atomic<std::uint32_t> references_{0};
  std::unique_ptr<fleet> fleet_;
  const unsigned forks_;
  std::unique_ptr<object_visit> objects_;  // while it is open
  std::unique_ptr<actor_desk> actors_;
  std::shared_ptr<const call_terms> usual_;
  note_board notes_;

  std::mutex mutex_;  // the book and all up to the next comment
  calls::book book_;
  std::vector<counted<state_base>> bodies_;  // by place
  std::unordered_map<std::uint64_t, std::string> keys_of_;
  calls::key_index keys_;
  std::unordered_map<std::string, counted<state_base>> keyed_;
  std::vector<calls::command_type> commands_;
  instant clock_due_ = never;
  bool is_hurried_ = false;
  bool clock_ends_ = false;
  std::condition_variable clock_wakes_;
  std::thread clock_;

  std::mutex callback_mutex_;
  std::condition_variable callback_wakes_;
  std::deque<std::unique_ptr<callback>> callbacks_;
  bool callbacks_end_ = false;
  bool callbacks_ended_ = false;
  std::thread callback_thread_;

  std::mutex close_mutex_;
  bool is_closed_ = false;
};

/// The clock of the book: monotonic.
instant clock_now();

/// How many forks this process is away from the one that made its first session.
unsigned forks_so_far();

}  // namespace fabric::detail
