#pragma once

#include <string>
#include <string_view>

#include "scheduler/tuner/trial.hpp"

/// How plots look: the classes of their shapes. Colours can be told apart by colour-blind people:
/// states are Okabe and Ito's, shades go from one lightness to another.
namespace fabric::plots {

/// For light and dark, as the reader prefers.
std::string style_sheet();

/// "complete", "pruned", "fail", "running", "waiting".
std::string_view look_of(tuner::trial_state state);

inline constexpr int shades = 10;
/// From "g0", close to the paper, to "g9", which stands out.
std::string shade(int index);

}  // namespace fabric::plots
