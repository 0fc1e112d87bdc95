#include "actors/plots/thinning.hpp"

namespace fabric::plots {

bool dot_grid::take(double x, double y) {
  if (apart_ == 0) return true;
  const auto column = static_cast<std::uint64_t>(x / apart_);
  const auto row = static_cast<std::uint64_t>(y / apart_);
  const bool is_free = taken_.insert(column << 32 | row).second;
  if (!is_free) ++hidden_;
  return is_free;
}

std::string hidden_note(std::size_t hidden) {
  if (hidden == 0) return {};
  return std::to_string(hidden) + (hidden == 1 ? " dot that lies under another is left out"
                                               : " dots that lie under others are left out");
}

}  // namespace fabric::plots
