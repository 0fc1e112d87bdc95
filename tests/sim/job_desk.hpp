#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "scheduler/job.hpp"
#include "tests/sim/dialler.hpp"

namespace fabric::sim {

/// A client's open orders: submits each until it is answered, watches each until it is done. Lives
/// as long as the client's process.
class job_desk {
 public:
  struct order {
    std::shared_ptr<const scheduler::job> what;
    std::function<void(job_id)> accepted;
    std::function<void(const transport::task_finished&)> ended;  ///< once for each task
  };

  job_desk(world& w, dialler& link) : w_(w), link_(link) {}

  void place(order what);
  void opened();
  void closed();
  void hear(const transport::message& m);
  /// Sends again what has no answer; call it every second or so.
  void remind();
  void forget() { orders_.clear(); }
  [[nodiscard]] bool is_empty() const { return orders_.empty(); }
  request_id next_request() { return {++requests_}; }

 private:
  struct open_order {
    order what;
    request_id request;
    std::optional<job_id> job;
    std::set<std::uint32_t> told;
    bool is_done = false;
  };
  void submit(open_order& o);
  void watch(open_order& o);
  void hear_one(const transport::submitted& m);
  void hear_one(const transport::failed& m);
  void hear_one(const transport::task_finished& m);
  void hear_one(const transport::job_finished& m);

  world& w_;
  dialler& link_;
  std::list<open_order> orders_;
  std::uint64_t requests_ = 0;
  std::uint32_t reminders_ = 0;
};

}  // namespace fabric::sim
