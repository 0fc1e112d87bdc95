#include "tests/roster/mutants.hpp"

#include <array>
#include <string>

#include "scheduler/mutant.hpp"

namespace fabric {
namespace {

std::string selected;

constexpr std::array bugs = {
    roster::planted_bug{"old_life_heard", "only the latest life of an actor is heard"},
    roster::planted_bug{"restarts_unlimited", "a group that fails too often is given up"},
    roster::planted_bug{"same_life_again", "each life has a number of its own"},
    roster::planted_bug{"next_life_early", "no two lives of an actor overlap"},
    roster::planted_bug{"order_of_group_ignored", "those before it in the group are alive"},
    roster::planted_bug{"hosts_shared", "what needs a host of its own has one"},
    roster::planted_bug{"lost_calls_forgotten", "every call has an end"},
    roster::planted_bug{"lost_calls_repeated", "a call runs twice only where it may"},
    roster::planted_bug{"unbegun_calls_last", "what was not begun goes before what came later"},
    roster::planted_bug{"unready_calls_overtaken", "calls of one caller begin in their order"},
    roster::planted_bug{"lives_mixed", "a life begins when calls to the last one are over"},
};

}  // namespace

bool mutant::is_on(std::string_view name) { return !selected.empty() && selected == name; }

namespace roster {

std::span<const planted_bug> planted_bugs() { return bugs; }

void select_mutant(std::string_view name) { selected = name; }

}  // namespace roster
}  // namespace fabric
