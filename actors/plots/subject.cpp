#include "actors/plots/subject.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

namespace fabric::plots {

std::optional<double> value_of(const tuner::trial& row, std::size_t objective) {
  return objective < row.values.size() ? std::optional{row.values[objective]} : std::nullopt;
}

std::vector<judged_trial> judged_trials(const subject& what) {
  const bool upwards = what.towards[what.objective] == tuner::direction::maximize;
  std::vector<judged_trial> found;
  for (const auto& row : what.trials) {
    if (row.state != tuner::trial_state::complete) continue;
    if (const auto value = value_of(row, what.objective))
      found.push_back({&row, *value, upwards ? -*value : *value});
  }
  return found;
}

std::vector<judged_trial> feasible_of(std::vector<judged_trial> all) {
  std::erase_if(
      all, [](const judged_trial& one) { return tuner::violation_of(one.row->constraints) != 0; });
  return all;
}

std::optional<judged_trial> best_of(std::span<const judged_trial> all) {
  auto able = feasible_of({all.begin(), all.end()});
  std::erase_if(able, [](const judged_trial& one) { return !std::isfinite(one.value); });
  if (able.empty()) return std::nullopt;
  return *std::ranges::min_element(able, {}, &judged_trial::loss);
}

result<std::vector<double>> importances_of(const subject& what) {
  std::vector<tuner::judged_point> seen;
  const auto judged = judged_trials(what);
  const auto feasible = feasible_of(judged);
  if (feasible.size() < std::min(judged.size(), tuner::importance_trials_min))
    return fault{fault_code::not_found,
                 (feasible.empty() ? "none" : "only " + std::to_string(feasible.size())) + " of " +
                     counted(judged.size(), "complete trial", "complete trials") +
                     (feasible.size() == 1 || feasible.empty() ? " is" : " are") + " feasible: " +
                     (feasible.empty() ? "each violates" : "the others violate") + " a constraint",
                 std::to_string(tuner::importance_trials_min) +
                     " feasible ones are the least to tell importances"};
  for (const auto& one : feasible)
    if (!one.row->where.empty()) seen.push_back({&one.row->where, one.loss});
  return tuner::importances(*what.over, seen);
}

std::vector<std::size_t> by_importance(const subject& what) {
  std::vector<std::size_t> order(what.over->parameters().size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (const auto shares = importances_of(what))
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&shares](std::size_t i) { return (*shares)[i]; });
  return order;
}

std::optional<tuner::coordinate> coordinate_of(const tuner::trial& row, std::size_t parameter) {
  if (parameter >= row.where.size() || row.where[parameter] == tuner::inactive) return std::nullopt;
  return row.where[parameter];
}

std::string node_of(const tuner::trial& row) {
  if (!row.node.empty()) return row.node;
  const auto noted = row.user_attrs.find("HOST");
  if (noted == row.user_attrs.end()) return {};
  const auto told = nlohmann::json::parse(noted->second, nullptr, false);
  if (told.is_string()) return told.get<std::string>();
  if (!told.is_object()) return {};
  const auto host = told.find("host");
  return host != told.end() && host->is_string() ? host->get<std::string>() : std::string{};
}

std::string hover_text(const subject& what, const tuner::trial& row) {
  std::string text = "trial " + std::to_string(row.number);
  if (row.state != tuner::trial_state::complete) text += " " + std::string{name_of(row.state)};
  for (std::size_t i = 0; i < what.towards.size(); ++i)
    if (const auto value = value_of(row, i)) text += (i == 0 ? ": " : ", ") + short_number(*value);
  constexpr std::size_t parameters_most = 12;
  std::size_t told = 0;
  for (std::size_t i = 0; i < what.over->parameters().size(); ++i) {
    if (!coordinate_of(row, i)) continue;
    if (told++ == parameters_most) return text + " ...";
    text += (told == 1 ? " at " : " ") + what.over->parameters()[i].name + "=" +
            what.over->text_of(row.where, i);
  }
  return text;
}

std::string objective_name(const subject& what, std::size_t objective) {
  return what.towards.size() == 1 ? "value" : "objective " + std::to_string(objective);
}

std::string no_values(const subject& what) {
  if (what.trials.empty()) return "the study has no trial yet";
  return "none of its " + counted(what.trials.size(), "trial", "trials") + " is complete";
}

std::string short_number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value == 0 ? 0.0 : value);
  return text.data();
}

std::string share_text(double share) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), share < 0.0995 ? "%.1f %%" : "%.0f %%", 100 * share);
  return share == 0 ? "0 %" : share < 0.0005 ? "< 0.1 %" : text.data();
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string{count == 1 ? one : many};
}

}  // namespace fabric::plots
