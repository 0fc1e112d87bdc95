#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>

namespace fabric::plots {

/// Keeps of dots that lie over each other the first to come, so that a picture of any number of
/// trials has no more dots than a reader can tell apart.
class dot_grid {
 public:
  /// Dots that are closer than some units of the picture count as one: the more, the coarser. Few
  /// are all kept.
  explicit dot_grid(std::size_t dots) : apart_(dots > 5000 ? 5 : dots > 1000 ? 2.5 : 0) {}

  /// False where one is there already.
  bool take(double x, double y);
  [[nodiscard]] std::size_t hidden() const { return hidden_; }

 private:
  double apart_;
  std::unordered_set<std::uint64_t> taken_;
  std::size_t hidden_ = 0;
};

/// "1,234 dots lie under others and are left out", or nothing.
std::string hidden_note(std::size_t hidden);

}  // namespace fabric::plots
