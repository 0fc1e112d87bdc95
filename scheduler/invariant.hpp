#pragma once

#include <string>

#include "scheduler/state.hpp"

namespace fabric::scheduler {

/// The empty string, or the first claim about the state that does not hold. Looks at everything.
std::string broken_invariant(const state& s);

}  // namespace fabric::scheduler
