#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "actors/api/desk.hpp"
#include "fabric/demand.hpp"
#include "fabric/task.hpp"

namespace fabric::detail {

class local_fleet;
class local_run;

/// A call that was sent to a worker.
struct sent_call {
  counted<state_base> state;
  calls::call_id id;
  std::uint32_t attempt = 0;
};

/// A worker of this process: a share of the machine, a line of calls, and as many threads as it has
/// slots, and one more for each call that waits. Its mutex guards all but what is constant.
struct local_worker {
  calls::worker_id id;
  calls::pool_id pool;
  attempt_id lease;  // in the inventory

  std::mutex mutex;
  std::vector<gpu_share> gpus;
  std::deque<sent_call> line;
  std::list<local_run*> runs;    // one for each of its threads
  std::list<local_run*> parked;  // those that wait for the slot, the first first
  unsigned active = 0;           // threads that have the slot; one but for moments
  bool is_lent = false;
  bool is_to_be_lent = false;  // when its thread, which has no call any more, leaves
  bool wants_back = false;
  bool is_released = false;
  std::uint32_t reclaim_turn = 0;

  static constexpr unsigned slots = 1;
  [[nodiscard]] bool may_start() const {
    return !is_lent && parked.empty() && active < slots && !line.empty();
  }
};

/// A thread's stay at a worker: it runs the line until that is empty. The context of the calls that
/// it runs.
class local_run final : public task_context {
 public:
  local_run(local_fleet& fleet, std::shared_ptr<local_worker> at);

  /// The slot was given to this thread already.
  void run();
  /// Tells what ended and was not told yet; false where there is nothing.
  bool report();
  /// Under the worker's mutex: asks the running call to stop where it is this one. What is to be
  /// told without a lock is moved to `due`.
  bool stop(calls::call_id call, std::uint32_t run_attempt, std::vector<std::stop_source>& due);

  std::stop_token stop_token() override;
  std::vector<gpu_share> gpus() const override;
  void pause() override;
  void go_on() override;
  desk* session() override;
  std::string ask_owner(std::string_view topic, std::string body) override;

 private:
  friend class local_fleet;
  bool take();
  void run_one();

  local_fleet& fleet_;
  std::shared_ptr<local_worker> at_;
  sent_call now_;
  std::condition_variable resumes_;  // with the worker's mutex
  bool is_resumed_ = false;
  bool has_ended_some_ = false;  // not told yet
  bool is_announced_ = false;    // to the fleet, for `flush`
  bool is_stopped_ = false;      // under the worker's mutex, as the source
  std::optional<std::stop_source> stop_;
  std::mutex ended_mutex_;
  calls::event::reported ended_;
  instant last_report_{};
};

}  // namespace fabric::detail
