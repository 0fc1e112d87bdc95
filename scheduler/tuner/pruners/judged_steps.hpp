#pragma once

#include "scheduler/tuner/pruners/history.hpp"

namespace fabric::tuner {

/// At which reports a pruner judges: from step `warmup` on, and in each `interval` of steps after
/// it only at the first report.
struct judged_steps {
  std::int64_t warmup = 0;
  std::int64_t interval = 1;

  /// Precondition: not empty.
  [[nodiscard]] bool has(const history& its) const {
    const auto& all = its.entries();
    const auto step = all.back().step;
    if (step < warmup) return false;
    const auto since = warmup + (step - warmup) / interval * interval;
    return all.size() < 2 || all[all.size() - 2].step < since;
  }
};

}  // namespace fabric::tuner
