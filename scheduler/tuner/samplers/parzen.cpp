#include "scheduler/tuner/samplers/parzen.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "scheduler/tuner/samplers/normal.hpp"
#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

namespace {

/// A cell narrower than this share of the range has its mass from the density in its middle: no
/// kernel is narrower than ten such.
constexpr double narrow = 1e-3;

/// A kernel whose middle is this many widths away from a cell has next to nothing there beside the
/// prior: its density will do.
constexpr double far = 10;

constexpr double widest = 1;

double narrowest(std::size_t observations) {
  return 1 / std::min(100.0, static_cast<double>(observations) + 2);
}

/// Less than this beside the most is lost in rounding, also a thousand times.
constexpr double negligible = -45;

/// log(sum of exp(x)).
double log_sum_exp(std::span<const double> all) {
  const double most = *std::ranges::max_element(all);
  double sum = 0;
  for (const double x : all)
    if (x - most > negligible) sum += std::exp(x - most);
  return most + std::log(sum);
}

}  // namespace

parzen::parzen(const space& over, const scope& which, std::span<const observation> seen)
    : over_(&over), which_(which) {
  double sum = 0;
  for (const auto& one : seen) {
    weights_.push_back(sum += one.weight);
    log_weights_.push_back(std::log(one.weight));
  }
  weights_.push_back(sum += 1);
  log_weights_.push_back(0);
  for (auto& w : log_weights_) w -= std::log(sum);
  own_log_weights_ = log_weights_;
  for (const auto parameters : {which.of, which.given}) {
    for (const auto i : parameters) {
      if (is_category(over.parameters()[i]))
        add_category(seen, i);
      else
        add_numerical(seen, i);
    }
  }
}

void parzen::suppose(const point& p) {
  if (which_.given.empty()) return;
  sums_ = own_log_weights_;
  for (const auto i : which_.given) add_row(i, p[i]);
  const double all = log_sum_exp(sums_);
  double sum = 0;
  for (std::size_t k = 0; k < sums_.size(); ++k) {
    log_weights_[k] = sums_[k] - all;
    weights_[k] = sum += std::exp(log_weights_[k]);
  }
}

void parzen::add_category(std::span<const observation> seen, std::size_t parameter) {
  auto& m = marginals_[parameter];
  m.count = *over_->parameters()[parameter].cardinality();
  m.has_few = static_cast<double>(m.count) * narrow <= 1;
  for (const auto& one : seen) m.choices.push_back(one.where[parameter]);
  m.choices.push_back(inactive);
}

void parzen::add_numerical(std::span<const observation> seen, std::size_t parameter) {
  auto& m = marginals_[parameter];
  const auto values = over_->parameters()[parameter].cardinality();
  m.has_few = values && static_cast<double>(*values) * narrow <= 1;
  m.normals.resize(seen.size() + 1);
  std::vector<std::pair<double, std::size_t>> order;
  order.reserve(seen.size());
  for (std::size_t k = 0; k < seen.size(); ++k) {
    m.normals[k].middle = cell_of(over_->parameters()[parameter], seen[k].where[parameter]).middle;
    order.emplace_back(m.normals[k].middle, k);
  }
  std::ranges::sort(order);
  const double least = narrowest(seen.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto [here, k] = order[i];
    const bool is_first = i == 0;
    const bool is_last = i + 1 == order.size();
    double gap = 0;
    if (!is_first) gap = here - order[i - 1].first;
    if (!is_last) gap = std::max(gap, order[i + 1].first - here);
    if (is_first && is_last) gap = std::max(here, 1 - here);
    m.normals[k].width = std::clamp(gap, least, widest);
  }
  m.log_scales.reserve(m.normals.size());
  for (const auto& [middle, width] : m.normals)
    m.log_scales.push_back(std::log(width * normal_mass(-middle / width, (1 - middle) / width)));
}

void parzen::draw(point& into, draws& from) const {
  const auto kernel = draw_kernel(from);
  for (const auto i : which_.of) into[i] = draw_one(i, kernel, from);
}

coordinate parzen::draw_one(std::size_t parameter, draws& from) const {
  return draw_one(parameter, draw_kernel(from), from);
}

std::size_t parzen::draw_kernel(draws& from) const {
  const double u = from.unit() * weights_.back();
  const auto found = std::ranges::upper_bound(weights_, u);
  return std::min(static_cast<std::size_t>(found - weights_.begin()), weights_.size() - 1);
}

coordinate parzen::draw_one(std::size_t parameter, std::size_t kernel, draws& from) const {
  const auto& m = marginals_.at(parameter);
  if (m.count > 0) {
    // The observed choice has 1 besides an even share of `m.count` / (n + 1).
    const double even = static_cast<double>(m.count) / static_cast<double>(m.choices.size());
    const auto observed = m.choices[kernel];
    if (observed != inactive && from.unit() * (1 + even) < 1) return observed;
    return from.below(m.count);
  }
  const auto& [middle, width] = m.normals[kernel];
  for (;;) {
    // At least a third of the draws fall inside.
    const double u = middle + width * draw_normal(from);
    if (u >= 0 && u < 1) return stretched(over_->parameters()[parameter], u);
  }
}

double parzen::log_density(const point& at) {
  sums_ = log_weights_;
  for (const auto i : which_.of) add_row(i, at[i]);
  return log_sum_exp(sums_);
}

double parzen::log_density(std::size_t parameter, coordinate at) {
  sums_ = log_weights_;
  add_row(parameter, at);
  return log_sum_exp(sums_);
}

void parzen::add_row(std::size_t parameter, coordinate at) {
  const auto add = [&](const std::vector<double>& logs) {
    for (std::size_t k = 0; k < sums_.size(); ++k) sums_[k] += logs[k];
  };
  auto& m = marginals_[parameter];
  if (!m.has_few) {
    fill_row(parameter, at, row_);
    return add(row_);
  }
  const auto [found, is_new] = m.rows.try_emplace(at);
  if (is_new) fill_row(parameter, at, found->second);
  add(found->second);
}

/// The logarithm of each kernel's share at one parameter's value.
void parzen::fill_row(std::size_t parameter, coordinate at, std::vector<double>& logs) const {
  const auto& m = marginals_.at(parameter);
  logs.resize(log_weights_.size());
  if (m.count > 0) return fill_choices(m, at, logs);
  const auto cell = cell_of(over_->parameters()[parameter], at);
  if (cell.width() < narrow) {
    for (std::size_t k = 0; k < logs.size(); ++k) {
      const double z = (cell.middle - m.normals[k].middle) / m.normals[k].width;
      logs[k] = -z * z / 2 - m.log_scales[k];
    }
    return;
  }
  // The density that the mass stands for, so that both cases fit together within one range.
  const double scale = std::sqrt(2 * std::numbers::pi) / cell.width();
  for (std::size_t k = 0; k < logs.size(); ++k) {
    const auto& [middle, width] = m.normals[k];
    const double away = (cell.middle - middle) / width;
    if (std::abs(away) - cell.width() / width > far) {
      logs[k] = -away * away / 2 - m.log_scales[k];
      continue;
    }
    const double mass = normal_mass((cell.low - middle) / width, (cell.high - middle) / width);
    logs[k] = std::log(mass * width * scale) - m.log_scales[k];
  }
}

void parzen::fill_choices(const marginal& m, coordinate at, std::vector<double>& logs) {
  const auto kernels = static_cast<double>(m.choices.size());
  const auto count = static_cast<double>(m.count);
  const double even = std::log(1 / (kernels + count));
  const double seen = std::log((kernels + 1) / (kernels + count));
  const double prior = -std::log(count);
  for (std::size_t k = 0; k < logs.size(); ++k) {
    const auto observed = m.choices[k];
    logs[k] = observed == inactive ? prior : observed == at ? seen : even;
  }
}

}  // namespace fabric::tuner
