#pragma once

#include <Eigen/Dense>
#include <vector>

namespace fabric::tuner {

/// A Gaussian process over points whose columns are numbers in [0, 1] or categories (equal or not),
/// with a Matern 5/2 kernel that has a scale for each column (Rasmussen, Williams: "Gaussian
/// processes for machine learning", 2006, chapters 2, 4 and 5):
///   k = s (1 + r + r^2 / 3) exp(-r), r^2 = 5 * sum over columns of scale * distance^2
/// Scales, s and the noise are those with the most posterior weight under Optuna's priors: density
/// exp(-(0.1 / scale + 0.1 scale)) of a scale, Gamma(2, 1) of s, Gamma(1.1, 30) of the noise.
class gaussian_process {
 public:
  using vector = Eigen::VectorXd;
  using matrix = Eigen::MatrixXd;

  struct prediction {
    double mean = 0;
    double deviation = 1;  ///< of the function itself, without noise; > 0
  };

  explicit gaussian_process(std::vector<bool> is_category);

  /// Takes the place of what was learnt, but its scales are where the search for new ones begins.
  /// Cost: n^3 for each of some 10 to 40 steps. Preconditions: a column of `points` (one point) for
  /// each value; the values have about mean 0 and variance 1.
  void fit(matrix points, vector values);
  /// As if its mean had been seen at this point ("kriging believer", Ginsbourger et al. 2010):
  /// nothing more is to be learnt there. Cost: n^2.
  void believe(const vector& point);
  /// Cost: n^2.
  [[nodiscard]] prediction at(const vector& point) const;

  /// The logarithm of the posterior weight of parameters, up to a constant, and its gradient: the
  /// logarithms of the scales, of s and of the noise. For tests.
  struct weight {
    double log = 0;
    vector gradient;
  };
  [[nodiscard]] weight weight_of(const vector& parameters) const;
  [[nodiscard]] const vector& parameters() const { return parameters_; }

 private:
  [[nodiscard]] double distance(const vector& a, const vector& b, std::ptrdiff_t column) const;
  [[nodiscard]] double kernel(const vector& a, const vector& b) const;
  [[nodiscard]] vector kernels(const vector& point) const;
  void climb(int steps);
  void solve();

  std::vector<bool> is_category_;
  vector parameters_;  // logarithms: the scales, s, the noise
  bool is_fresh_ = true;
  matrix points_;
  vector values_;
  matrix factor_;    // lower triangle of the covariance's Cholesky decomposition
  vector solution_;  // covariance^-1 * values
};

/// log(E[max(best - f, 0)]) for a normal f: the expected improvement, also where it is far too
/// small for a number (Ament et al., arXiv:2310.20708).
double log_expected_improvement(const gaussian_process::prediction& f, double best);

/// The logarithm of the probability that it is not above `limit`; finite far out, too.
double log_probability_below(const gaussian_process::prediction& f, double limit);

}  // namespace fabric::tuner
