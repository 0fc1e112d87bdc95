#pragma once

#include <cstddef>
#include <functional>
#include <queue>
#include <vector>

namespace fabric::tuner {

/// Numbers of which the `low` smallest are kept apart from the rest, so that the ones on both sides
/// of the cut are known at once. An insertion or a cut that moves by one costs O(log n), and a
/// number takes 8 bytes.
class order_split {
 public:
  /// No NaN. The cut stays.
  void insert(double x) {
    if (low_.empty() || x >= low_.top()) return high_.push(x);
    low_.push(x);
    high_.push(low_.top());
    low_.pop();
  }

  /// Precondition: low <= size().
  void cut_at(std::size_t low) {
    for (; low_.size() < low; high_.pop()) low_.push(high_.top());
    for (; low_.size() > low; low_.pop()) high_.push(low_.top());
  }

  [[nodiscard]] std::size_t size() const { return low_.size() + high_.size(); }
  /// The largest below the cut. Precondition: there is one.
  [[nodiscard]] double below() const { return low_.top(); }
  /// The smallest above the cut. Precondition: there is one.
  [[nodiscard]] double above() const { return high_.top(); }

 private:
  std::priority_queue<double> low_;
  std::priority_queue<double, std::vector<double>, std::greater<>> high_;
};

}  // namespace fabric::tuner
