#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/job_desk.hpp"

namespace fabric::sim {

/// A client with a list of jobs to submit, each at its time; some with keys, some after others,
/// some to be cancelled. The list is on its disk: after a crash it submits again what has a key.
class submitter : public sim_process {
 public:
  submitter(world& w, address where, std::uint64_t seed);

  void start();
  void crash(duration down);
  void heal();
  [[nodiscard]] bool is_done() const;

 private:
  struct plan {
    duration at{0};
    std::shared_ptr<scheduler::job> what;
    std::optional<std::size_t> after;  ///< place in the list
    bool is_placed = false;
    bool is_given_up = false;  ///< no key, and nobody knows
    std::optional<job_id> accepted;
    std::optional<duration> cancel_at;
    bool cancel_answered = false;
    bool probe_conflict = false;
  };
  static plan make_plan(dice& d, const climate& how, std::size_t number);
  void closed();
  void work();
  void place(plan& p);
  void cancel(plan& p);
  void probe(const plan& p);
  void hear(const transport::message& m);

  world& w_;
  dice dice_;
  dialler link_;
  job_desk desk_;
  std::vector<plan> plans_;
  std::map<request_id, job_id> cancels_;
  std::map<request_id, std::string> probes_;
  std::uint64_t start_plan_ = 0;
};

}  // namespace fabric::sim
