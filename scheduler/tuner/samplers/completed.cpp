#include "scheduler/tuner/samplers/completed.hpp"

#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

point completed(const space& over, point p, draws& from) {
  if (!over.tree().has_conditions()) return p;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!over.is_active(p, i))
      p[i] = inactive;
    else if (p[i] == inactive)
      p[i] = stretched(over.parameters()[i], from.unit());
  }
  return p;
}

std::vector<std::size_t> active_in(std::span<const coordinate> p) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (p[i] != inactive) all.push_back(i);
  return all;
}

}  // namespace fabric::tuner
