#include "scheduler/tuner/samplers/gp.hpp"

#include <algorithm>
#include <cmath>

#include "scheduler/tuner/samplers/completed.hpp"
#include "scheduler/tuner/samplers/normal.hpp"
#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

namespace {

constexpr std::size_t gp_startup_trials = 10;
constexpr std::size_t best_max = 80;
constexpr std::size_t learnt_max = 2 * best_max;
constexpr std::size_t believed_max = 64;
constexpr std::size_t limits_max = 4;
constexpr int spread_points = 200;
constexpr std::size_t near_trials = 5;
constexpr int near_points = 24;  // of each
constexpr std::size_t climbs = 3;
constexpr int climb_steps = 60;

std::vector<bool> categories_of(const space& over) {
  std::vector<bool> all;
  for (const auto& p : over.parameters()) all.push_back(is_category(p));
  return all;
}

/// Losses with the upper half drawn in, mean 0 and variance 1.
Eigen::VectorXd levelled(std::vector<double> losses) {
  auto sorted = losses;
  std::ranges::sort(sorted);
  const double median = sorted[sorted.size() / 2];
  const double scale = median - sorted[sorted.size() / 4];
  Eigen::VectorXd values(static_cast<std::ptrdiff_t>(losses.size()));
  for (std::size_t i = 0; i < losses.size(); ++i) {
    double x = losses[i];
    if (scale > 0 && x > median) x = median + scale * std::log1p((x - median) / scale);
    values[static_cast<std::ptrdiff_t>(i)] = x;
  }
  values.array() -= values.mean();
  const double deviation = std::sqrt(values.squaredNorm() / static_cast<double>(losses.size()));
  if (deviation > 0) values /= deviation;
  return values;
}

/// Drawn in on both sides of 0, which stays 0. What is no number is as bad as the worst that is
/// one.
std::vector<double> drawn_in(std::vector<double> values) {
  std::vector<double> sizes;
  for (const double x : values)
    if (std::isfinite(x) && x != 0) sizes.push_back(std::abs(x));
  std::ranges::sort(sizes);
  const double scale = sizes.empty() ? 1 : sizes[sizes.size() / 2];
  const double most = sizes.empty() ? 1 : sizes.back();
  for (double& x : values) {
    if (!std::isfinite(x)) x = x < 0 ? -most : most;
    x = std::asinh(x / scale);
  }
  return values;
}

}  // namespace

gp_sampler::gp_sampler(const sampler_setup& how)
    : over_(how.over),
      draws_(how.seed, how.stream),
      evenly_(how),
      past_(how.over->parameters().size()),
      best_(best_max),
      model_(categories_of(*how.over)) {}

std::optional<point> gp_sampler::propose(const ledger& points, freedom among) {
  if (past_.size() < gp_startup_trials) return evenly_.propose(points, among);
  learn(learnt());
  auto all = weighed(points, among);
  if (all.empty()) return evenly_.propose(points, among);
  const auto by_gain = [](const found& a, const found& b) { return a.gain > b.gain; };
  std::ranges::stable_sort(all, by_gain);
  all.resize(std::min(all.size(), climbs));
  for (auto& one : all) climb(one, points, among);
  return std::ranges::min_element(all, by_gain)->where;
}

void gp_sampler::started(std::uint64_t age, const point& where) { running_[age] = where; }

void gp_sampler::ended(std::uint64_t age, const point& where, const outcome& how) {
  running_.erase(age);
  const bool is_good = how.state == trial_state::complete && !how.losses.empty() &&
                       std::isfinite(how.losses.front());
  if (!is_good) return;
  best_.add(past_.size(), how);
  past_.add(where);
  losses_.push_back(how.losses.front());
  constraints_.push_back(how.constraints);
}

/// The best trials and the latest, in the order in which they ended.
std::vector<std::size_t> gp_sampler::learnt() const {
  auto all = best_.best(best_max);
  const std::size_t latest = past_.size() - std::min(past_.size(), learnt_max - all.size());
  for (std::size_t number = latest; number < past_.size(); ++number) all.push_back(number);
  std::ranges::sort(all);
  const auto end = std::unique(all.begin(), all.end());
  all.erase(end, all.end());
  return all;
}

gaussian_process::matrix gp_sampler::columns(const std::vector<std::size_t>& from) const {
  gaussian_process::matrix all(static_cast<std::ptrdiff_t>(over_->parameters().size()),
                               static_cast<std::ptrdiff_t>(from.size()));
  for (std::size_t i = 0; i < from.size(); ++i)
    all.col(static_cast<std::ptrdiff_t>(i)) = seen(past_.at(from[i]));
  return all;
}

void gp_sampler::learn(const std::vector<std::size_t>& from) {
  std::vector<double> losses;
  for (const auto number : from) losses.push_back(losses_[number]);
  auto values = levelled(std::move(losses));
  least_.reset();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double value = values[static_cast<std::ptrdiff_t>(i)];
    if (violation_of(constraints_[from[i]]) <= 0) least_ = std::min(least_.value_or(value), value);
  }
  model_.fit(columns(from), std::move(values));
  learn_limits(from);
  std::size_t left = believed_max;
  for (auto at = running_.rbegin(); at != running_.rend() && left > 0; ++at, --left) {
    const auto x = seen(at->second);
    model_.believe(x);
    for (auto& each : limits_) each.model.believe(x);
  }
}

void gp_sampler::learn_limits(const std::vector<std::size_t>& from) {
  std::size_t count = 0;
  for (const auto number : from) count = std::max(count, constraints_[number].size());
  const bool is_one_for_all = count > limits_max;
  if (is_one_for_all) count = 1;
  while (limits_.size() > count) limits_.pop_back();
  while (limits_.size() < count) limits_.push_back({gaussian_process(categories_of(*over_)), 0});
  for (std::size_t c = 0; c < count; ++c) {
    std::vector<std::size_t> those;
    std::vector<double> values;
    for (const auto number : from) {
      const auto& all = constraints_[number];
      if (c >= all.size()) continue;
      those.push_back(number);
      values.push_back(is_one_for_all ? *std::ranges::max_element(all) : all[c]);
    }
    values = drawn_in(std::move(values));
    Eigen::VectorXd y = Eigen::Map<Eigen::VectorXd>(values.data(), std::ssize(values));
    const double mean = y.mean();
    y.array() -= mean;
    const double deviation = std::sqrt(y.squaredNorm() / static_cast<double>(y.size()));
    const double scale = deviation > 0 ? deviation : 1;
    limits_[c].highest = -mean / scale;
    limits_[c].model.fit(columns(those), y / scale);
  }
}

/// In logarithms.
double gp_sampler::gain(const point& p) const {
  const auto x = seen(p);
  double sum = least_ ? log_expected_improvement(model_.at(x), *least_) : 0;
  for (const auto& [model, highest] : limits_) sum += log_probability_below(model.at(x), highest);
  return sum;
}

gaussian_process::vector gp_sampler::seen(std::span<const coordinate> where) const {
  gaussian_process::vector x(static_cast<std::ptrdiff_t>(where.size()));
  for (std::size_t i = 0; i < where.size(); ++i) {
    const auto& p = over_->parameters()[i];
    double u = 0.5;
    if (where[i] != inactive)
      u = is_category(p) ? static_cast<double>(where[i]) : cell_of(p, where[i]).middle;
    x[static_cast<std::ptrdiff_t>(i)] = u;
  }
  return x;
}

point gp_sampler::moved(std::span<const coordinate> where, double width) {
  point p(where.begin(), where.end());
  const auto own = active_in(where);
  const auto surely = own[draws_.below(own.size())];
  for (const auto i : own) {
    if (i != surely && draws_.unit() * static_cast<double>(own.size()) >= 2) continue;
    const auto& parameter = over_->parameters()[i];
    if (is_category(parameter)) {
      p[i] = stretched(parameter, draws_.unit());
      continue;
    }
    const auto cell = cell_of(parameter, p[i]);
    // At least to the next value.
    const double step = std::max(width, cell.width()) * draw_normal(draws_);
    p[i] = stretched_within(parameter, cell.middle + step);
  }
  return completed(*over_, std::move(p), draws_);
}

point gp_sampler::anywhere() {
  point p;
  p.reserve(over_->parameters().size());
  for (const auto& parameter : over_->parameters())
    p.push_back(stretched(parameter, draws_.unit()));
  return over_->trimmed(std::move(p));
}

std::vector<gp_sampler::found> gp_sampler::weighed(const ledger& points, freedom among) {
  std::vector<found> all;
  const auto weigh = [&](point p) {
    if (among == freedom::only_free && !points.is_free(p)) return;
    const double expected = gain(p);
    all.push_back({std::move(p), expected});
  };
  for (int i = 0; i < spread_points; ++i) weigh(anywhere());
  for (const auto number : best_.best(near_trials))
    for (int i = 0; i < near_points; ++i) weigh(moved(past_.at(number), std::pow(0.5, 1 + i % 8)));
  return all;
}

void gp_sampler::climb(found& from, const ledger& points, freedom among) {
  double width = 0.1;
  for (int i = 0; i < climb_steps; ++i) {
    auto p = moved(from.where, width);
    const bool is_allowed = among == freedom::any || points.is_free(p);
    const double expected = is_allowed ? gain(p) : from.gain;
    if (expected > from.gain)
      from = {std::move(p), expected};
    else
      width = std::max(width * 0.9, 1e-4);
  }
}

}  // namespace fabric::tuner
