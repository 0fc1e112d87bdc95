#pragma once

#include "actors/plots/terminal.hpp"

namespace fabric::daemon {

bool output_is_a_terminal();

/// How to draw on standard output: its width, the locale's characters, colours on a terminal
/// unless $NO_COLOR is set.
plots::terminal_look look_of_output();

}  // namespace fabric::daemon
