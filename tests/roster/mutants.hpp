#pragma once

#include <span>
#include <string_view>

namespace fabric::roster {

struct planted_bug {
  std::string_view name;
  std::string_view breaks;  ///< the rule
};
std::span<const planted_bug> planted_bugs();

/// The empty name selects none.
void select_mutant(std::string_view name);

}  // namespace fabric::roster
