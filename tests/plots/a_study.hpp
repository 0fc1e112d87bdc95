#pragma once

#include <initializer_list>
#include <string_view>

#include "actors/plots/subject.hpp"

namespace fabric::plots {

/// A study that owns what a subject refers to.
struct a_study {
  tuner::space over;
  std::vector<tuner::trial> rows{};
  std::vector<tuner::direction> towards{tuner::direction::minimize};

  explicit a_study(std::initializer_list<std::string_view> declarations) {
    std::vector<tuner::parameter> parameters;
    for (const auto text : declarations) parameters.push_back(tuner::parse_parameter(text).value());
    if (!parameters.empty()) over = tuner::space::make(std::move(parameters)).value();
  }

  /// The next trial, complete after 1 s on node "box".
  tuner::trial& add(tuner::point where, double value) {
    auto& row = rows.emplace_back();
    row.number = rows.size() - 1;
    row.state = tuner::trial_state::complete;
    row.where = std::move(where);
    row.values = {value};
    row.node = "box";
    row.start_ms = 1'795'000'000'000 + static_cast<std::int64_t>(row.number) * 1000;
    row.complete_ms = row.start_ms + 1000;
    return row;
  }
  tuner::trial& add(tuner::point where, tuner::trial_state state) {
    auto& row = add(std::move(where), 0);
    row.state = state;
    row.values.clear();
    return row;
  }

  [[nodiscard]] subject what() const {
    return {.name = "s", .towards = towards, .over = &over, .trials = rows};
  }
};

}  // namespace fabric::plots
