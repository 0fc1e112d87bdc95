#pragma once

#include <cstdint>
#include <vector>

#include "scheduler/tuner/trial.hpp"

namespace fabric::tuner {

/// What was found at points, side by side: of one objective 16 bytes a finding. A study keeps
/// millions.
class findings {
 public:
  enum class place : std::uint32_t {};
  static constexpr place nowhere{};

  explicit findings(std::size_t objectives) : objectives_(objectives) {}

  /// `nowhere` for a finding without values. Precondition: else it has one an objective.
  place add(const finding& what);
  /// Without values for `nowhere`.
  [[nodiscard]] finding at(place where) const;

 private:
  std::size_t objectives_;
  std::vector<double> numbers_;        // values, then constraints, of one after the other
  std::vector<std::uint64_t> ends_{};  // in `numbers_`
};

}  // namespace fabric::tuner
