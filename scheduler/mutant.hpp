#pragma once

#include <string_view>

/// Planted bugs for the simulator's own test: each stands beside the rule that it breaks. Only the
/// simulator's build of the cores defines FABRIC_SIM_MUTANTS; everywhere else the claim is the
/// constant false and the bug is not compiled.
namespace fabric::mutant {

#ifdef FABRIC_SIM_MUTANTS
bool is_on(std::string_view name);
#else
constexpr bool is_on(std::string_view) { return false; }
#endif

}  // namespace fabric::mutant
