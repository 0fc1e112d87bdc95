#include "tests/calls/mutants.hpp"

#include <array>
#include <string>

#include "scheduler/mutant.hpp"

namespace fabric {
namespace {

std::string selected;

constexpr std::array bugs = {
    calls::planted_bug{"uncertain_loss_is_certain", "no two attempts of a call overlap"},
    calls::planted_bug{"losses_unlimited", "a call that kills its workers is given up"},
    calls::planted_bug{"lent_for_ever", "a worker whose call waits no more is reclaimed"},
    calls::planted_bug{"told_twice", "the end of a call is said once"},
    calls::planted_bug{"recalled_is_over", "a call that was handed back runs elsewhere"},
    calls::planted_bug{"zombies_stay", "a call that is over leaves its place"},
    calls::planted_bug{"old_attempt_heard", "only the latest attempt is heard"},
    calls::planted_bug{"near_for_ever", "a call waits for a worker near its data for a while only"},
    calls::planted_bug{"retry_forgotten", "a call that waits for its next try has one"},
};

}  // namespace

bool mutant::is_on(std::string_view name) { return !selected.empty() && selected == name; }

namespace calls {

std::span<const planted_bug> planted_bugs() { return bugs; }

void select_mutant(std::string_view name) { selected = name; }

}  // namespace calls
}  // namespace fabric
