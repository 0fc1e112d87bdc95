#pragma once

#include <span>

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// Whether trials over these parameters may stand beside those over other ones, in one study: where
/// both have a parameter of a name, it is of one kind, and a category has the same choices in the
/// same order, because a store holds a choice by its place. Ranges, log, steps and conditions may
/// change, and parameters may come and go. Faults: usage, naming the parameter and both
/// declarations.
result<void> check_change(std::span<const parameter> was, std::span<const parameter> now);

}  // namespace fabric::tuner
