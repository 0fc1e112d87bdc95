#pragma once

#include <cstddef>
#include <string>

namespace fabric::tuner {

/// "1 value for 2 objectives"
std::string miscount(std::size_t values, std::size_t objectives);

/// Whether what a search evaluates is made for its study at all. A single result with too few or
/// too many values is a failed trial. But where none was right before, none will be: every point
/// would be spent on the same mistake.
class value_count {
 public:
  explicit value_count(std::size_t objectives) : objectives_(objectives) {}

  /// A result of the search, with so many values; 0 where it failed, which says nothing. True where
  /// the search is to end before this one is told.
  bool shows_mistake(std::size_t values);
  /// A command ended well, and its output lacks the value. True where so many did and none had one:
  /// the value is looked for at a wrong place.
  bool lacks_value();
  static constexpr int lacks_max = 3;
  /// Whether a result of the search has had as many values as there are objectives.
  [[nodiscard]] bool was_right() const { return was_right_; }

 private:
  std::size_t objectives_;
  bool was_right_ = false;
  int lacks_ = 0;
};

}  // namespace fabric::tuner
