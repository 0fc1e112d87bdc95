#include "scheduler/tuner/samplers/gaussian_process.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fabric::tuner {

namespace {

constexpr double least_noise = 1e-6;
constexpr double log_scale_max = 9;
constexpr int first_steps = 40;
constexpr int later_steps = 12;

/// Distances are far from exact below this.
constexpr double least_variance = 1e-12;

}  // namespace

gaussian_process::gaussian_process(std::vector<bool> is_category)
    : is_category_(std::move(is_category)),
      parameters_(vector::Zero(static_cast<std::ptrdiff_t>(is_category_.size()) + 2)) {
  parameters_[parameters_.size() - 1] = std::log(1e-3);
}

void gaussian_process::fit(matrix points, vector values) {
  points_ = std::move(points);
  values_ = std::move(values);
  climb(is_fresh_ ? first_steps : later_steps);
  is_fresh_ = false;
  solve();
}

void gaussian_process::believe(const vector& point) {
  const double mean = at(point).mean;
  const auto n = points_.cols();
  const vector k = kernels(point);
  const vector row = factor_.triangularView<Eigen::Lower>().solve(k);
  const double noise = std::exp(parameters_[parameters_.size() - 1]) + least_noise;
  const double left = kernel(point, point) + noise - row.squaredNorm();
  factor_.conservativeResize(n + 1, n + 1);
  factor_.col(n).setZero();
  factor_.row(n).head(n) = row.transpose();
  factor_(n, n) = std::sqrt(std::max(left, least_variance));
  points_.conservativeResize(Eigen::NoChange, n + 1);
  points_.col(n) = point;
  values_.conservativeResize(n + 1);
  values_[n] = mean;
  solution_ = factor_.triangularView<Eigen::Lower>().solve(values_);
  factor_.triangularView<Eigen::Lower>().transpose().solveInPlace(solution_);
}

gaussian_process::prediction gaussian_process::at(const vector& point) const {
  const vector k = kernels(point);
  const vector half = factor_.triangularView<Eigen::Lower>().solve(k);
  const double variance = kernel(point, point) - half.squaredNorm();
  return {k.dot(solution_), std::sqrt(std::max(variance, least_variance))};
}

double gaussian_process::distance(const vector& a, const vector& b, std::ptrdiff_t column) const {
  if (is_category_[static_cast<std::size_t>(column)]) return a[column] == b[column] ? 0 : 1;
  return (a[column] - b[column]) * (a[column] - b[column]);
}

double gaussian_process::kernel(const vector& a, const vector& b) const {
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < a.size(); ++i) sum += std::exp(parameters_[i]) * distance(a, b, i);
  const double r = std::sqrt(5 * sum);
  return std::exp(parameters_[a.size()]) * (1 + r + r * r / 3) * std::exp(-r);
}

gaussian_process::vector gaussian_process::kernels(const vector& point) const {
  vector k(points_.cols());
  for (std::ptrdiff_t i = 0; i < k.size(); ++i) k[i] = kernel(points_.col(i), point);
  return k;
}

gaussian_process::weight gaussian_process::weight_of(const vector& parameters) const {
  const auto n = points_.cols();
  const auto d = points_.rows();
  const vector scales = parameters.head(d).array().exp();
  const double signal = std::exp(parameters[d]);
  const double noise = std::exp(parameters[d + 1]);
  matrix covariance(n, n);
  matrix slope(n, n);  // of the kernel in r^2, without the scales
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::ptrdiff_t c = 0; c < d; ++c)
        sum += scales[c] * distance(points_.col(i), points_.col(j), c);
      const double r = std::sqrt(5 * sum);
      const double faded = signal * std::exp(-r);
      covariance(i, j) = covariance(j, i) = faded * (1 + r + r * r / 3);
      slope(i, j) = slope(j, i) = -faded * (1 + r) * 5 / 6;
    }
  }
  matrix noisy = covariance;
  noisy.diagonal().array() += noise + least_noise;
  const Eigen::LLT<matrix> factor(noisy);
  weight out{-std::numeric_limits<double>::infinity(), vector::Zero(d + 2)};
  if (factor.info() != Eigen::Success) return out;
  const vector solved = factor.solve(values_);
  const matrix inverse = factor.solve(matrix::Identity(n, n));
  const double log_root = matrix(factor.matrixL()).diagonal().array().log().sum();
  out.log = -values_.dot(solved) / 2 - log_root;
  const matrix pull = (solved * solved.transpose() - inverse) / 2;
  const matrix sloped = pull.cwiseProduct(slope);
  for (std::ptrdiff_t c = 0; c < d; ++c) {
    double sum = 0;
    for (std::ptrdiff_t i = 0; i < n; ++i)
      for (std::ptrdiff_t j = 0; j < i; ++j)
        sum += 2 * sloped(i, j) * distance(points_.col(i), points_.col(j), c);
    out.gradient[c] = sum * scales[c];
  }
  out.gradient[d] = pull.cwiseProduct(covariance).sum();
  out.gradient[d + 1] = pull.trace() * noise;
  // The priors, as densities of the parameters themselves.
  out.log -= (0.1 / scales.array() + 0.1 * scales.array()).sum();
  out.gradient.head(d).array() += 0.1 / scales.array() - 0.1 * scales.array();
  out.log += parameters[d] - signal + 0.1 * parameters[d + 1] - 30 * noise;
  out.gradient[d] += 1 - signal;
  out.gradient[d + 1] += 0.1 - 30 * noise;
  return out;
}

/// Rprop: steps that grow while a slope keeps its sign (Blum, Riedmiller: "Optimization of Gaussian
/// process hyperparameters using Rprop", ESANN 2013).
void gaussian_process::climb(int steps) {
  vector at = parameters_;
  vector step = vector::Constant(at.size(), is_fresh_ ? 0.3 : 0.1);
  vector before = vector::Zero(at.size());
  double most = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < steps; ++i) {
    const auto [log, gradient] = weight_of(at);
    if (log > most) {
      most = log;
      parameters_ = at;
    }
    if (gradient.cwiseAbs().maxCoeff() < 1e-2) return;
    for (std::ptrdiff_t c = 0; c < at.size(); ++c) {
      const double turn = gradient[c] * before[c];
      step[c] = std::clamp(step[c] * (turn < 0 ? 0.5 : turn > 0 ? 1.2 : 1), 1e-4, 1.0);
      const double sign = gradient[c] > 0 ? 1 : gradient[c] < 0 ? -1 : 0;
      at[c] = std::clamp(at[c] + sign * step[c], -log_scale_max - 5, log_scale_max);
    }
    before = gradient;
  }
}

void gaussian_process::solve() {
  const auto n = points_.cols();
  matrix covariance(n, n);
  for (std::ptrdiff_t i = 0; i < n; ++i) covariance.col(i) = kernels(points_.col(i));
  covariance.diagonal().array() += std::exp(parameters_[parameters_.size() - 1]) + least_noise;
  const Eigen::LLT<matrix> factor(covariance);
  factor_ = factor.matrixL();
  solution_ = factor.solve(values_);
}

double log_expected_improvement(const gaussian_process::prediction& f, double best) {
  const double z = (best - f.mean) / f.deviation;
  const double log_density = -z * z / 2 - std::log(2 * std::numbers::pi) / 2;
  // Far out, density / z^2 (1 - 3 / z^2): what would be left of the difference is noise.
  constexpr double far_out = -25;
  if (z < far_out)
    return std::log(f.deviation) + log_density - 2 * std::log(-z) + std::log1p(-3 / (z * z));
  const double mass = std::erfc(-z / std::numbers::sqrt2) / 2;
  return std::log(f.deviation) + std::log(std::exp(log_density) + z * mass);
}

double log_probability_below(const gaussian_process::prediction& f, double limit) {
  const double z = (limit - f.mean) / f.deviation;
  // Far out, density / -z (1 - 1 / z^2), where the mass itself would be 0.
  constexpr double far_out = -25;
  if (z < far_out)
    return -z * z / 2 - std::log(2 * std::numbers::pi) / 2 - std::log(-z) +
           std::log1p(-1 / (z * z));
  return std::log(std::erfc(-z / std::numbers::sqrt2) / 2);
}

}  // namespace fabric::tuner
