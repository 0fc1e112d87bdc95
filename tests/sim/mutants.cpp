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
