#pragma once

#include <Eigen/Dense>
#include <compare>
#include <limits>
#include <optional>
#include <vector>

#include "scheduler/tuner/draws.hpp"

namespace fabric::tuner {

/// The evolution strategy with covariance matrix adaptation (Hansen, "The CMA evolution strategy: a
/// tutorial", arXiv:1604.00772), over real vectors; with active updates (negative weights). It
/// knows neither spaces nor trials: draw as many vectors as are wanted, tell what became of them in
/// any order, also of vectors that it never drew (Hansen, "Injecting external solutions into
/// CMA-ES", arXiv:1110.4181). Each time that `population` results have come, the distribution
/// moves.
///
/// Not told apart: a vector drawn before the last move counts like one that was drawn after it, by
/// its place relative to the mean and no farther than vectors usually are.
class evolution {
 public:
  using vector = Eigen::VectorXd;
  using matrix = Eigen::MatrixXd;

  struct setup {
    vector mean;
    double sigma = 0.2;          ///< standard deviation in each direction
    std::size_t population = 0;  ///< 0: 4 + floor(3 ln d)
  };

  explicit evolution(setup from);

  /// A vector from the present distribution.
  [[nodiscard]] vector draw(draws& from) const;
  /// What a vector came to: the less violation the better, then the less loss (Deb: "An efficient
  /// constraint handling method for genetic algorithms", 2000).
  struct worth {
    double violation = 0;
    double loss = 0;

    auto operator<=>(const worth&) const = default;
  };
  /// Not-a-number counts as infinite.
  void tell(const vector& x, worth of);
  void tell(const vector& x, double loss) { tell(x, worth{0, loss}); }

  [[nodiscard]] std::size_t population() const { return population_; }
  [[nodiscard]] std::size_t moves() const { return moves_; }
  [[nodiscard]] const vector& mean() const { return mean_; }
  /// Along each axis.
  [[nodiscard]] vector deviations() const;
  /// Nothing more is to be gained from here: the distribution is a point or has lost its shape, or
  /// the best losses have been flat for long.
  [[nodiscard]] bool is_over() const;

 private:
  struct result {
    vector y;  // from the mean of when it was told, in units of sigma
    worth of;
    bool is_far;  // drawn in: tells where to go, not what to avoid
  };

  void move();
  void decompose();
  [[nodiscard]] result told(vector y, const worth& of) const;

  std::size_t dimensions_;
  std::size_t population_;
  vector mean_;
  double sigma_;
  double first_sigma_;
  matrix covariance_;
  matrix axes_;     // its eigenvectors
  vector lengths_;  // the roots of its eigenvalues
  vector sigma_path_;
  vector covariance_path_;
  vector weights_;   // by rank, the first half sums to 1, the rest is negative
  double mass_ = 0;  // variance-effective: 1 / sum of the squares of the positive weights
  double one_rate_ = 0;
  double rank_rate_ = 0;
  double sigma_rate_ = 0;
  double sigma_damping_ = 0;
  double path_rate_ = 0;
  double usual_length_ = 0;  // of a standard normal vector
  std::vector<result> told_;
  std::size_t moves_ = 0;
  std::size_t decomposed_at_ = 0;
  worth best_{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  std::size_t best_at_ = 0;  // in moves
};

}  // namespace fabric::tuner
