#include "tests/sim/mutants.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "scheduler/mutant.hpp"

namespace fabric {
namespace {

// One world after the other is played by one thread.
std::string selected;

constexpr std::array bugs = {
    sim::planted_bug{"lease_from_receipt", "a lease counts from the worker's own echoed time"},
    sim::planted_bug{"late_grant_accepted", "a grant whose own lease is over is declined"},
    sim::planted_bug{"fence_moves_back", "the fence never moves back"},
    sim::planted_bug{"no_tombstone", "a delayed copy of a grant starts nothing again"},
    sim::planted_bug{"declined_not_buried", "what was declined is not started later"},
    sim::planted_bug{"report_forgotten_when_sent", "a report is kept until it is acknowledged"},
    sim::planted_bug{"act_before_commit",
                     "records are committed before anything else of the step is done"},
    sim::planted_bug{"no_margin", "the head waits out the lease and the margin"},
    sim::planted_bug{"head_halves_lease", "the head's patience is not shorter than a lease"},
    sim::planted_bug{"session_end_frees", "a lost connection is no proof of death"},
    sim::planted_bug{"attempt_number_kept",
                     "every grant of a task has a higher number than the one before"},
    sim::planted_bug{"old_attempt_recorded", "only the latest attempt is heard"},
    sim::planted_bug{"stale_report_unanswered",
                     "a stale report is acknowledged, so that the node drops it"},
    sim::planted_bug{"lost_not_requeued", "a lost attempt's task runs again"},
    sim::planted_bug{"grant_sent_once", "a grant is sent until it is answered"},
    sim::planted_bug{"inventory_not_released", "an attempt's resources are free when it ends"},
    sim::planted_bug{"restore_forgets_held", "a restarted head waits for what may still run"},
    sim::planted_bug{"restart_frees_at_once",
                     "what may still run has a whole lease after a restart"},
    sim::planted_bug{"restored_gpus_forgotten", "a restarted head knows which GPUs are held"},
    sim::planted_bug{"cancel_forgets_held", "a cancel stops what runs"},
    sim::planted_bug{"key_ignored", "one key makes one job"},
    sim::planted_bug{"late_tell_accepted", "a result of an old attempt of a trial is refused"},
};

}  // namespace

bool mutant::is_on(std::string_view name) { return !selected.empty() && selected == name; }

namespace sim {

std::span<const planted_bug> planted_bugs() { return bugs; }

bool select_mutant(std::string_view name) {
  const bool is_known =
      std::any_of(bugs.begin(), bugs.end(), [&](const auto& bug) { return bug.name == name; });
  if (is_known || name.empty()) selected = name;
  return is_known || name.empty();
}

}  // namespace sim
}  // namespace fabric
