#include "scheduler/tuner/samplers/evolution.hpp"

#include <algorithm>
#include <cmath>

#include "scheduler/tuner/samplers/normal.hpp"

namespace fabric::tuner {

namespace {

/// A distribution narrower than this share of the first one is a point.
constexpr double point_like = 1e-9;
/// The longest axis over the shortest; beyond, the decomposition is noise.
constexpr double elongation_max = 1e7;

std::size_t usual_population(std::size_t dimensions) {
  return 4 + static_cast<std::size_t>(3 * std::log(static_cast<double>(dimensions)));
}

double square_sum(const evolution::vector& weights, std::ptrdiff_t from, std::ptrdiff_t count) {
  const double sum = weights.segment(from, count).sum();
  return sum * sum / weights.segment(from, count).squaredNorm();
}

}  // namespace

/// Constants and names of rates as in the tutorial's table 1.
evolution::evolution(setup from)
    : dimensions_(static_cast<std::size_t>(from.mean.size())),
      population_(from.population > 0 ? std::max<std::size_t>(from.population, 4)
                                      : usual_population(dimensions_)),
      mean_(std::move(from.mean)),
      sigma_(from.sigma),
      first_sigma_(from.sigma) {
  const auto n = static_cast<std::ptrdiff_t>(dimensions_);
  const auto d = static_cast<double>(dimensions_);
  const auto count = static_cast<std::ptrdiff_t>(population_);
  const auto parents = count / 2;
  covariance_ = matrix::Identity(n, n);
  axes_ = covariance_;
  lengths_ = vector::Ones(n);
  sigma_path_ = covariance_path_ = vector::Zero(n);

  weights_.resize(count);
  for (std::ptrdiff_t i = 0; i < count; ++i)
    weights_[i] =
        std::log((static_cast<double>(count) + 1) / 2) - std::log(static_cast<double>(i) + 1);
  mass_ = square_sum(weights_, 0, parents);
  const double negative_mass = square_sum(weights_, parents, count - parents);
  one_rate_ = 2 / ((d + 1.3) * (d + 1.3) + mass_);
  rank_rate_ = std::min(1 - one_rate_ - 1e-8,
                        2 * (0.25 + mass_ + 1 / mass_ - 2) / ((d + 2) * (d + 2) + mass_));
  sigma_rate_ = (mass_ + 2) / (d + mass_ + 5);
  sigma_damping_ = 1 + 2 * std::max(0.0, std::sqrt((mass_ - 1) / (d + 1)) - 1) + sigma_rate_;
  path_rate_ = (4 + mass_ / d) / (d + 4 + 2 * mass_ / d);
  usual_length_ = std::sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d));

  double positive = 0;
  double negative = 0;
  for (const double w : weights_) (w > 0 ? positive : negative) += std::abs(w);
  const double most_negative =
      std::min({1 + one_rate_ / rank_rate_, 1 + 2 * negative_mass / (mass_ + 2),
                (1 - one_rate_ - rank_rate_) / (d * rank_rate_)});
  for (double& w : weights_) w *= w > 0 ? 1 / positive : most_negative / negative;
}

evolution::vector evolution::draw(draws& from) const {
  vector z(static_cast<std::ptrdiff_t>(dimensions_));
  for (double& x : z) x = draw_normal(from);
  return mean_ + sigma_ * (axes_ * (lengths_.array() * z.array()).matrix());
}

void evolution::tell(const vector& x, worth of) {
  for (double* each : {&of.violation, &of.loss})
    if (std::isnan(*each)) *each = std::numeric_limits<double>::infinity();
  told_.push_back(told((x - mean_) / sigma_, of));
  if (told_.size() < population_) return;
  move();
  told_.clear();
}

evolution::vector evolution::deviations() const {
  return sigma_ * covariance_.diagonal().array().sqrt().matrix();
}

bool evolution::is_over() const {
  const double longest = sigma_ * lengths_.maxCoeff();
  if (!(longest > point_like * first_sigma_)) return true;
  if (lengths_.maxCoeff() > elongation_max * lengths_.minCoeff()) return true;
  // As the "stagnation" of Hansen's codes, with their number of generations.
  const auto patience = 10 + 30 * dimensions_ / population_;
  return moves_ - best_at_ > 2 * patience;
}

/// Vectors from elsewhere are drawn in to the length that own ones hardly exceed (injection, eq.
/// 5).
evolution::result evolution::told(vector y, const worth& of) const {
  const double length = (axes_.transpose() * y).cwiseQuotient(lengths_).norm();
  const auto d = static_cast<double>(dimensions_);
  const double most = std::sqrt(d) + 2 * d / (d + 2);
  const bool is_far = length > most;
  if (is_far) y *= most / length;
  return {std::move(y), of, is_far};
}

void evolution::move() {
  std::ranges::stable_sort(told_, {}, &result::of);
  ++moves_;
  if (told_.front().of < best_) {
    best_ = told_.front().of;
    best_at_ = moves_;
  }
  const auto d = static_cast<double>(dimensions_);
  const auto to_sphere = [&](const vector& y) -> vector {
    return axes_ * (axes_.transpose() * y).cwiseQuotient(lengths_);
  };
  vector step = vector::Zero(mean_.size());
  for (std::size_t i = 0; i < told_.size(); ++i) {
    const double w = weights_[static_cast<std::ptrdiff_t>(i)];
    if (w > 0) step += w * told_[i].y;
  }
  mean_ += sigma_ * step;

  sigma_path_ = (1 - sigma_rate_) * sigma_path_ +
                std::sqrt(sigma_rate_ * (2 - sigma_rate_) * mass_) * to_sphere(step);
  const double length = sigma_path_.norm();
  const double settled = std::sqrt(1 - std::pow(1 - sigma_rate_, 2 * static_cast<double>(moves_)));
  const bool is_steady = length / settled < (1.4 + 2 / (d + 1)) * usual_length_;
  const double held = is_steady ? 1 : 0;
  covariance_path_ = (1 - path_rate_) * covariance_path_ +
                     held * std::sqrt(path_rate_ * (2 - path_rate_) * mass_) * step;

  const double lost = one_rate_ * (1 - held) * path_rate_ * (2 - path_rate_);
  matrix moved = one_rate_ * covariance_path_ * covariance_path_.transpose();
  double kept = 1 + lost - one_rate_;
  for (std::size_t i = 0; i < told_.size(); ++i) {
    double w = weights_[static_cast<std::ptrdiff_t>(i)];
    const auto& [y, of, is_far] = told_[i];
    if (w < 0 && is_far) continue;
    kept -= rank_rate_ * w;
    if (w < 0) w *= d / std::max(to_sphere(y).squaredNorm(), 1e-12);
    moved += rank_rate_ * w * y * y.transpose();
  }
  covariance_ = kept * covariance_ + moved;
  sigma_ *= std::exp(std::min(1.0, sigma_rate_ / sigma_damping_ * (length / usual_length_ - 1)));
  // Seldom enough to cost no more than the rest (the tutorial's section B.2).
  const double due = 1 / (10 * d * (one_rate_ + rank_rate_));
  if (static_cast<double>(moves_ - decomposed_at_) >= due) decompose();
}

void evolution::decompose() {
  decomposed_at_ = moves_;
  covariance_ = (covariance_ + covariance_.transpose()).eval() / 2;
  const Eigen::SelfAdjointEigenSolver<matrix> solver(covariance_);
  axes_ = solver.eigenvectors();
  lengths_ = solver.eigenvalues().cwiseMax(1e-20).cwiseSqrt();
}

}  // namespace fabric::tuner
