#include "tests/calls/oracle.hpp"

namespace fabric::calls {

void oracle::claim(bool holds, const std::string& what) {
  if (!holds && broken_.empty()) broken_ = what;
}

void oracle::submitted(call_id id, const call_rules& rules) {
  claim(calls_.try_emplace(id, history{.rules = rules}).second, "an id was used twice");
}

void oracle::dropped(call_id id) { ++calls_.at(id).dropped; }

void oracle::sent(call_id id, worker_id to) {
  calls_.at(id).sent_to = to;
  calls_.at(id).maybe_lost += gone_.contains(to) ? 1 : 0;  // the news is still under way
}

void oracle::gone(worker_id worker) {
  gone_.insert(worker);
  for (auto& [id, h] : calls_) h.maybe_lost += h.sent_to == worker ? 1 : 0;
}

void oracle::began(call_id id, std::uint32_t attempt) {
  auto& h = calls_.at(id);
  claim(h.running == 0, "two attempts of a call overlap");
  claim(attempt > h.latest, "an attempt has no higher number than the one before");
  claim(h.failed <= h.rules.failures_max, "a call runs again after too many failures");
  // A worker that is killed for a time limit counts as a failure of the call; and one that had
  // resumed another call may have begun what the book believed to be unbegun.
  claim(h.lost + h.failed <= h.rules.losses_max + h.rules.failures_max + 1,
        "a call runs again after too many losses");
  h.latest = attempt;
  ++h.running;
}

void oracle::ended(call_id id, std::uint32_t attempt, ending how) {
  auto& h = calls_.at(id);
  claim(h.running == 1 && h.latest == attempt, "an attempt ended that did not run");
  h.running = 0;
  ++h.ends;
  h.succeeded += how == ending::succeeded ? 1 : 0;
  h.failed += how == ending::failed ? 1 : 0;
  h.lost += how == ending::lost ? 1 : 0;
}

void oracle::finished(const command::finished& what) {
  const auto known = calls_.find(what.call);
  if (known == calls_.end()) return claim(false, "a call is finished that nobody submitted");
  auto& h = known->second;
  claim(++h.finished == 1, "a call is finished twice");
  h.how = what.how;
  ++ends_[what.how];
  if (what.how == ending::succeeded)
    claim(h.succeeded > 0 && h.running == 0, "a call succeeded without an attempt that did");
  // One that was stopped for its time limit counts as failed, whatever became of it.
  if (what.how == ending::failed)
    claim(h.ends + h.dropped + h.maybe_lost > h.rules.failures_max, "a call failed too early");
  if (what.how == ending::lost)
    claim(h.maybe_lost > h.rules.losses_max, "a call was given up too early");
  if (what.how == ending::dependency_failed) {
    const auto origin = calls_.find(what.origin);
    claim(origin != calls_.end() && origin->second.finished == 1 &&
              origin->second.how != ending::succeeded &&
              origin->second.how != ending::dependency_failed,
          "a call failed for one that did not");
  }
}

void oracle::check_end() {
  for (const auto& [id, h] : calls_) {
    claim(h.finished == 1, "a call was never finished");
    claim(h.running == 0, "an attempt never ended");
  }
}

std::size_t oracle::finished_as(ending how) const {
  const auto at = ends_.find(how);
  return at == ends_.end() ? 0 : at->second;
}

bool oracle::is_finished(call_id id) const {
  const auto at = calls_.find(id);
  return at != calls_.end() && at->second.finished > 0;
}

}  // namespace fabric::calls
