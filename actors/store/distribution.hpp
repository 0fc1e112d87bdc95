#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/tuner/space.hpp"

/// Optuna's spelling of a parameter's range (its `distribution_json`), and of a value in it: ints
/// and floats as themselves, a choice as its index, all as doubles.
namespace fabric::store {

/// Faults: usage where Optuna's doubles cannot hold a value (an int beyond 2^53).
result<void> check_storable(const tuner::parameter& p);

std::string distribution_text(const tuner::parameter& p);

/// The parameter that a distribution describes. Faults: bad_message (not JSON, a class that is not
/// known, a range that `tuner::check` refuses).
result<tuner::parameter> parameter_of_distribution(std::string_view name, std::string_view json);

/// Of the coordinate `at` of parameter `index` of `over`.
double internal_value(const tuner::space& over, const tuner::point& where, std::size_t index);

/// The JSON text of an internal value that was written as of `wrote`. Nothing where it is no number
/// or no choice.
std::optional<std::string> json_of_internal(const tuner::parameter& wrote, double internal);

/// Reads internal values that were written under one distribution as coordinates of a parameter of
/// `over`, which may have another range or other choices than the writer's.
class value_reader {
 public:
  value_reader(const tuner::space& over, std::size_t index, std::string distribution);

  [[nodiscard]] bool reads(std::string_view distribution) const { return text_ == distribution; }
  /// Nothing where the value lies outside the parameter. Optuna adds up the steps of a float, so a
  /// value counts as the one on the grid that it is nearest to.
  [[nodiscard]] std::optional<tuner::coordinate> coordinate_of(double internal) const;

 private:
  enum class kind : std::uint8_t { unknown, number, choice };

  const tuner::space* over_;
  std::size_t index_;
  std::string text_;
  kind kind_ = kind::unknown;
  std::vector<std::optional<tuner::coordinate>> choices_;  ///< by the writer's index
};

}  // namespace fabric::store
