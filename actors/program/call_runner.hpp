#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "transport/program_message.hpp"

namespace fabric::detail {
class desk;
}

namespace fabric::actors {

class object_exchange;

/// Functions are to meet the usual signals: the thread that makes theirs blocks all of them.
void let_signals_in();

/// Runs calls on threads of this process, in the order in which they came, `slots` at a time. A
/// call that waits lends its slot to the next; when it waits no more it has the next free slot,
/// before those that have not begun. What happened is collected and fetched. Thread-safe.
class call_runner {
 public:
  struct surroundings {
    std::string node;
    std::function<void()> woken;             ///< there is something to fetch; from any thread
    std::function<detail::desk*()> session;  ///< for calls that calls make; from any thread
    std::shared_ptr<object_exchange> objects{};
    program_id owner{};  ///< of the calls, to whom results are lent
  };
  call_runner(unsigned slots, surroundings where);
  /// Asks what runs to stop, drops the rest, and waits.
  ~call_runner();
  call_runner(const call_runner&) = delete;
  call_runner& operator=(const call_runner&) = delete;

  void start(std::vector<transport::program::call> calls);
  void stop(const transport::program::attempt_of_call& which);
  void answered(const transport::program::note_answer& what);
  std::vector<transport::program::attempt_of_call> recall(std::uint32_t most);

  /// True where no call runs: then none begins or goes on until `go_on`.
  bool lend();
  void go_on();

  /// What happened since the last time, in order.
  std::vector<transport::program::message> fetch();
  [[nodiscard]] bool is_idle() const;

 private:
  class context;
  struct task {
    transport::program::call what;
    std::stop_source stop;
    bool runs = false;
  };

  void work();
  void run(std::unique_lock<std::mutex>& lock, std::list<task>::iterator which);
  void lend_slot(const context& of);
  void take_slot(const context& of);
  std::string ask_owner(std::string_view topic, std::string body, const std::stop_token& stop);
  [[nodiscard]] bool has_slot() const { return !is_lent_ && busy_ < slots_; }
  void add_thread_if_needed();
  void ended(transport::program::outcome what);
  void changed(const context& of, transport::program::slot_change::kind how);
  void wake_owner();

  const unsigned slots_;
  const surroundings where_;

  mutable std::mutex mutex_;
  std::condition_variable moves_;
  std::list<task> waiting_;
  std::list<task> running_;
  unsigned busy_ = 0;    // slots in use
  unsigned parked_ = 0;  // calls that wait for a slot to go on
  unsigned idle_ = 0;    // threads that wait for work
  bool is_lent_ = false;
  bool ends_ = false;
  bool told_ = false;
  std::uint64_t notes_ = 0;                                           // asked so far
  std::map<std::uint64_t, transport::program::note_answer> answers_;  // that nobody has read yet
  std::vector<transport::program::message> news_;
  std::vector<std::thread> threads_;
};

}  // namespace fabric::actors
