#pragma once

#include <string>

#include "actors/plots/subject.hpp"

namespace fabric::plots {

struct terminal_look {
  std::size_t columns = 72;
  std::size_t rows = 10;
  bool utf8 = true;  ///< braille dots and box drawing; else ASCII
  bool colours = false;
};

/// The history for a terminal: a dot for each complete trial, a line for the best so far. Empty
/// where there are fewer than two values to draw.
std::string terminal_history(const subject& what, const terminal_look& how);

}  // namespace fabric::plots
