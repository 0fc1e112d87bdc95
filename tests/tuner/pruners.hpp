#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string_view>
#include <vector>

#include "scheduler/tuner/pruners/pruner.hpp"

namespace fabric::tuner {

/// A study's trials before a pruner.
class jury {
 public:
  explicit jury(std::string_view text, direction towards = direction::minimize,
                std::string_view study = "s")
      : sign_(towards == direction::maximize ? -1 : 1) {
    auto made = make_pruner(text, {study, towards});
    if (!made) ADD_FAILURE() << made.error().detail;
    if (made) judge_ = *std::move(made);
  }

  /// True where the trial is to stop.
  bool report(trial_number n, std::int64_t step, double value) {
    auto& its = trials_.try_emplace(n, n).first->second;
    its.add(step, sign_ * value);
    return judge_->judge(its) == verdict::stop;
  }

  void end(trial_number n, trial_state how = trial_state::complete,
           std::optional<double> value = std::nullopt) {
    const auto& its = trials_.try_emplace(n, n).first->second;
    if (value) value = sign_ * *value;
    if (!value && how == trial_state::complete && !its.empty()) value = its.last().loss;
    judge_->ended(its, how, value);
    trials_.erase(n);
  }

  /// A complete trial with these values at steps 0, 1, ...
  void complete(trial_number n, const std::vector<double>& values) {
    for (std::size_t i = 0; i < values.size(); ++i)
      report(n, static_cast<std::int64_t>(i), values[i]);
    end(n);
  }

 private:
  double sign_;
  std::unique_ptr<pruner> judge_;
  std::map<trial_number, history> trials_;
};

}  // namespace fabric::tuner
