#pragma once

#include <span>
#include <string_view>

namespace fabric::sim {

/// A bug that can be planted: its name in the sources, and the rule that it breaks.
struct planted_bug {
  std::string_view name;
  std::string_view rule;
};
std::span<const planted_bug> planted_bugs();

/// Selects the bug of the worlds to come; the empty name is none. False for an unknown one.
bool select_mutant(std::string_view name);

}  // namespace fabric::sim
