#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "actors/plots/subject.hpp"

namespace fabric::plots {

struct tick {
  double share = 0;  ///< of the way along the axis
  std::string text;
};

/// Where values lie along an axis, in [0, 1] with a little room at both ends.
class scale {
 public:
  enum class spacing : std::uint8_t { even, whole, logarithmic };

  /// `whole` is even, with ticks at whole numbers only. Preconditions: finite, low <= high;
  /// logarithmic: low > 0.
  static scale of_numbers(double low, double high, spacing how = spacing::even);
  /// Of values for which no range was declared: logarithmic where all are positive and they span
  /// three decades. Infinite ones are left out; an even one from 0 to 1 where there is none.
  static scale of_values(const std::vector<double>& values);
  /// Named places; the values are their indices.
  static scale of_names(std::vector<std::string> names);

  /// Clamped. An infinite value lies at an end.
  [[nodiscard]] double share_of(double value) const;
  /// About as many as asked for, and no more for names.
  [[nodiscard]] std::vector<tick> ticks(std::size_t most) const;
  [[nodiscard]] bool has_names() const { return !names_.empty(); }
  [[nodiscard]] std::size_t names() const { return names_.size(); }
  [[nodiscard]] bool is_logarithmic() const { return how_ == spacing::logarithmic; }

 private:
  [[nodiscard]] double along(double value) const;
  [[nodiscard]] std::vector<tick> even_ticks(std::size_t most) const;
  [[nodiscard]] std::vector<tick> log_ticks(std::size_t most) const;

  double low_ = 0;
  double high_ = 1;
  double from_ = 0;  ///< the axis' ends, along it
  double to_ = 1;
  spacing how_ = spacing::even;
  std::vector<std::string> names_;
};

/// The axis of a parameter: its declared range, or the choices that occur.
class parameter_scale {
 public:
  parameter_scale(const subject& what, std::size_t parameter);

  [[nodiscard]] const scale& along() const { return along_; }
  [[nodiscard]] const std::string& title() const { return title_; }
  /// Nothing where the trial has no such parameter.
  [[nodiscard]] std::optional<double> share_of(const tuner::trial& row) const;

 private:
  std::size_t parameter_;
  const tuner::space* over_;
  std::string title_;
  scale along_;
  std::vector<tuner::coordinate> choices_;  ///< those that occur, in order
};

}  // namespace fabric::plots
