#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// An observed point and how much it counts.
struct observation {
  std::span<const coordinate> where;
  double weight = 1;
};

/// A density over a space, estimated from points (Parzen 1962), as the tree-structured Parzen
/// estimator has it (Bergstra et al. 2011; Watanabe, arXiv:2304.11127): a mixture of one product
/// kernel for each observation and a prior kernel of weight 1 that covers the whole space.
///
/// Each numerical parameter is seen on the unit interval (see `stretched`). Its kernel is a normal
/// density cut off at the ends, centred at the observation and as wide as the larger gap to the
/// observations next to it; the outermost two look inwards only. Widths are kept between
/// 1 / min(100, n + 2) and 1. Of a discrete parameter the kernel has the mass of the value's cell.
/// The kernel of a category gives each choice 1 / (n + 1) and the observed one 1 more, normalised.
///
/// The prior's numerical kernel is centred, with width 1; that of a category is uniform.
///
/// It may be of some parameters only, given the values of some others (`suppose`): then each kernel
/// counts as much more as it has these values.
class parzen {
 public:
  /// Parameters that it is of, and others that may be given.
  struct scope {
    std::span<const std::size_t> of;
    std::span<const std::size_t> given{};
  };

  /// `over` and `which` must outlive it; the observations, which have all these parameters, need
  /// not. Cost: n log n for each parameter.
  parzen(const space& over, const scope& which, std::span<const observation> seen);

  /// From now on, it is the density given the values that `p` has. Cost as of `log_density`.
  void suppose(const point& p);

  /// Draws the parameters that it is of.
  void draw(point& into, draws& from) const;

  /// The logarithm of the density at a point, up to a constant that hangs on the space alone.
  /// Cost: n for each parameter. Not const: rows of discrete values are kept for the next call.
  [[nodiscard]] double log_density(const point& at);

  /// The same of one parameter alone: the marginal density.
  [[nodiscard]] coordinate draw_one(std::size_t parameter, draws& from) const;
  [[nodiscard]] double log_density(std::size_t parameter, coordinate at);

 private:
  struct normal_kernel {
    double middle = 0.5;
    double width = 1;
  };
  /// One parameter's kernels, in the order of the observations, the prior last.
  struct marginal {
    std::vector<normal_kernel> normals;  // numerical
    std::vector<double> log_scales;      // numerical: log(width * mass inside of [0, 1])
    std::vector<coordinate> choices;     // category; `inactive` for the prior
    std::uint64_t count = 0;             // of choices
    bool has_few = false;                // values: then a row is kept for each
    std::unordered_map<coordinate, std::vector<double>> rows;  // by value, where few
  };

  void add_category(std::span<const observation> seen, std::size_t parameter);
  void add_numerical(std::span<const observation> seen, std::size_t parameter);
  void fill_row(std::size_t parameter, coordinate at, std::vector<double>& logs) const;
  static void fill_choices(const marginal& m, coordinate at, std::vector<double>& logs);
  [[nodiscard]] std::size_t draw_kernel(draws& from) const;
  [[nodiscard]] coordinate draw_one(std::size_t parameter, std::size_t kernel, draws& from) const;
  void add_row(std::size_t parameter, coordinate at);

  const space* over_;
  scope which_;
  std::vector<double> own_log_weights_;  // of the kernels, whatever is given
  std::vector<double> weights_;          // summed up, for drawing; the last is the total
  std::vector<double> log_weights_;
  std::unordered_map<std::size_t, marginal> marginals_;  // by parameter
  std::vector<double> sums_;                             // scratch, as is
  std::vector<double> row_;
};

}  // namespace fabric::tuner
