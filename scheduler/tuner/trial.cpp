#include "scheduler/tuner/trial.hpp"

#include <array>

namespace fabric::tuner {

std::string_view name_of(trial_state s) {
  static constexpr std::array<std::string_view, 5> names = {"RUNNING", "COMPLETE", "PRUNED", "FAIL",
                                                            "WAITING"};
  return names.at(static_cast<std::size_t>(s));
}

bool is_better(const trial& a, const trial& b, direction towards) {
  if (*a.value == *b.value) return a.number < b.number;
  return (*a.value < *b.value) == (towards == direction::minimize);
}

}  // namespace fabric::tuner
