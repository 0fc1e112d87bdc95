#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scheduler/calls/command.hpp"

namespace fabric::calls {

/// What may be expected of every call, whatever happens to workers and messages. Keeps the first
/// claim that does not hold.
class oracle {
 public:
  void submitted(call_id id, const call_rules& rules);
  void sent(call_id id, worker_id to);
  /// The worker is gone with all that it was sent, begun or not.
  void gone(worker_id worker);
  void began(call_id id, std::uint32_t attempt);
  /// Told to stop before it began.
  void dropped(call_id id);
  /// By itself, or with its worker.
  void ended(call_id id, std::uint32_t attempt, ending how);
  void finished(const command::finished& what);
  void claim(bool holds, const std::string& what);
  /// Nothing is under way any more.
  void check_end();

  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] std::size_t finished_as(ending how) const;
  [[nodiscard]] bool is_finished(call_id id) const;

 private:
  struct history {
    call_rules rules;
    std::uint32_t running = 0;  // attempts
    std::uint32_t latest = 0;
    std::uint32_t succeeded = 0;
    std::uint32_t failed = 0;
    std::uint32_t lost = 0;
    std::uint32_t maybe_lost = 0;  // its worker died; whether it had begun, nobody can know
    std::uint32_t dropped = 0;
    std::uint32_t ends = 0;
    worker_id sent_to;
    std::uint32_t finished = 0;
    ending how = ending::succeeded;
  };

  std::map<call_id, history> calls_;
  std::set<worker_id> gone_;
  std::map<ending, std::size_t> ends_;
  std::string broken_;
};

}  // namespace fabric::calls
