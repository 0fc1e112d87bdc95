#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "fabric/instant.hpp"

namespace fabric::sim {

/// The world's true time and everything that is going to happen. Two things at one instant happen
/// in the order in which they were planned.
class timeline {
 public:
  using happening = std::function<void()>;

  [[nodiscard]] instant now() const { return now_; }

  void at(instant when, happening what) {
    plan_.emplace(std::pair{when < now_ ? now_ : when, planned_++}, std::move(what));
  }
  void after(duration wait, happening what) { at(now_ + wait, std::move(what)); }

  /// False when nothing is planned up to `end`; then it is `end`.
  bool run_next(instant end) {
    if (plan_.empty() || plan_.begin()->first.first > end) {
      now_ = end;
      return false;
    }
    auto next = plan_.extract(plan_.begin());
    now_ = next.key().first;
    ++happened_;
    next.mapped()();
    return true;
  }
  [[nodiscard]] std::uint64_t happened() const { return happened_; }

 private:
  instant now_{};
  std::uint64_t planned_ = 0;
  std::uint64_t happened_ = 0;
  std::map<std::pair<instant, std::uint64_t>, happening> plan_;
};

}  // namespace fabric::sim
