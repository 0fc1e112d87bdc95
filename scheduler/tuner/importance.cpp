#include "scheduler/tuner/importance.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

namespace {

constexpr std::size_t grid_cells = 50;

/// Sums over one parameter's cells, for a sample and for its best members.
struct sample {
  double all = 0;  ///< members
  double top = 0;  ///< of them the best
};

/// What is seen in one cell: the mean of the kernels of all members there, the mean of their
/// squares, and the mean of the best members' kernels.
struct density {
  double all = 0;
  double all_squared = 0;
  double top = 0;
};

/// The Pearson divergence of the best from all, less what it is on average for as many members that
/// are drawn from all without putting back.
double divergence(std::span<const density> cells, sample size) {
  double found = 0;
  double of_chance = 0;
  for (const auto& cell : cells) {
    if (cell.all <= 0) continue;
    const double apart = cell.top - cell.all;
    found += apart * apart / cell.all;
    of_chance += (cell.all_squared - cell.all * cell.all) / cell.all;
  }
  return found - of_chance * (size.all - size.top) / (size.top * (size.all - 1));
}

/// The coordinates of one parameter among the trials that have it.
struct column {
  std::vector<coordinate> all;
  std::vector<coordinate> top;
};

double divergence_of_choices(const column& seen) {
  std::map<coordinate, sample> counts;
  for (const auto c : seen.all) counts[c].all += 1;
  for (const auto c : seen.top) counts[c].top += 1;
  const sample size{static_cast<double>(seen.all.size()), static_cast<double>(seen.top.size())};
  std::vector<density> cells;
  for (const auto& [choice, count] : counts)
    cells.push_back({count.all / size.all, count.all / size.all, count.top / size.top});
  return divergence(cells, size);
}

/// Scott's rule, by the smaller of deviation and quartile range (Scott, Multivariate Density
/// Estimation, 1992), of places in [0, 1].
double bandwidth(std::vector<double> places) {
  std::ranges::sort(places);
  const auto n = static_cast<double>(places.size());
  const double mean = std::accumulate(places.begin(), places.end(), 0.0) / n;
  double squares = 0;
  for (const double u : places) squares += (u - mean) * (u - mean);
  const auto quantile = [&](double q) {
    const double at = q * (n - 1);
    const auto below = static_cast<std::size_t>(at);
    const auto above = std::min(below + 1, places.size() - 1);
    return places[below] + (at - std::floor(at)) * (places[above] - places[below]);
  };
  const double deviation = std::sqrt(squares / std::max(n - 1, 1.0));
  const double spread = std::min(deviation, (quantile(0.75) - quantile(0.25)) / 1.34);
  return 1.059 * spread * std::pow(n, -0.2);
}

/// Where the values of a numerical parameter fall: a cell for each of few values, or even ones.
class cells_of_numbers {
 public:
  explicit cells_of_numbers(const parameter& p) : p_(&p) {
    const auto count = p.cardinality();
    is_listed_ = count && *count <= grid_cells;
    const auto cells = is_listed_ ? static_cast<std::size_t>(*count) : grid_cells;
    for (std::size_t i = 0; i < cells; ++i)
      middles_.push_back(is_listed_ ? cell_of(p, i).middle
                                    : (static_cast<double>(i) + 0.5) / static_cast<double>(cells));
  }
  [[nodiscard]] const std::vector<double>& middles() const { return middles_; }
  [[nodiscard]] std::size_t index_of(coordinate c) const {
    if (is_listed_) return c;
    const double u = cell_of(*p_, c).middle * static_cast<double>(middles_.size());
    return std::min(static_cast<std::size_t>(u), middles_.size() - 1);
  }

 private:
  const parameter* p_;
  bool is_listed_ = false;
  std::vector<double> middles_;
};

double divergence_of_numbers(const parameter& p, const column& seen) {
  const cells_of_numbers grid(p);
  const auto& middles = grid.middles();
  std::vector<sample> counts(middles.size());
  std::vector<double> top_places;
  for (const auto c : seen.all) counts[grid.index_of(c)].all += 1;
  for (const auto c : seen.top) {
    counts[grid.index_of(c)].top += 1;
    top_places.push_back(middles[grid.index_of(c)]);
  }
  const double half_a_cell = 0.5 / static_cast<double>(middles.size());
  const double width = std::max(bandwidth(std::move(top_places)), half_a_cell);
  const sample size{static_cast<double>(seen.all.size()), static_cast<double>(seen.top.size())};
  std::vector<density> cells(middles.size());
  std::vector<double> kernel(middles.size());
  for (std::size_t from = 0; from < middles.size(); ++from) {
    if (counts[from].all == 0) continue;
    for (std::size_t to = 0; to < middles.size(); ++to) {
      const double z = (middles[to] - middles[from]) / width;
      kernel[to] = std::exp(-z * z / 2);
    }
    const double mass = std::accumulate(kernel.begin(), kernel.end(), 0.0);
    for (std::size_t to = 0; to < middles.size(); ++to) {
      const double share = kernel[to] / mass;
      cells[to].all += share * counts[from].all / size.all;
      cells[to].all_squared += share * share * counts[from].all / size.all;
      cells[to].top += share * counts[from].top / size.top;
    }
  }
  return divergence(cells, size);
}

/// The largest loss that is among the best.
double threshold(std::vector<double> losses) {
  std::ranges::sort(losses);
  const auto n = losses.size();
  const auto top = std::max((n + 9) / 10, std::min<std::size_t>(10, n / 2));
  const double last = losses[top - 1];
  if (last < losses.back()) return last;
  return *(std::ranges::lower_bound(losses, last) - 1);  // the worst is not among the best
}

double influence(const space& over, std::size_t parameter, std::span<const judged_point> seen,
                 double best_most) {
  const auto& p = over.parameters()[parameter];
  if (p.cardinality() == 1) return 0;
  column values;
  std::size_t top = 0;
  for (const auto& [where, loss] : seen) {
    const bool is_top = loss <= best_most;
    top += is_top ? 1U : 0U;
    const auto c = (*where)[parameter];
    if (c == inactive) continue;
    values.all.push_back(c);
    if (is_top) values.top.push_back(c);
  }
  if (values.top.empty() || values.all.size() < importance_trials_min) return 0;
  const double apart =
      is_category(p) ? divergence_of_choices(values) : divergence_of_numbers(p, values);
  const auto had = static_cast<double>(values.top.size()) / static_cast<double>(top);
  return std::max(apart, 0.0) * had;
}

}  // namespace

result<std::vector<double>> importances(const space& over, std::span<const judged_point> seen) {
  if (seen.size() < importance_trials_min)
    return fault{fault_code::not_found,
                 std::to_string(seen.size()) + " complete trials are too few to tell importances",
                 std::to_string(importance_trials_min) + " are the least, and tens are better"};
  std::vector<double> losses;
  for (const auto& one : seen) losses.push_back(one.loss);
  if (std::ranges::min(losses) == std::ranges::max(losses))
    return fault{fault_code::not_found,
                 "all " + std::to_string(seen.size()) + " complete trials have the same value",
                 "no parameter has made a difference yet"};
  const double best_most = threshold(std::move(losses));
  std::vector<double> shares;
  for (std::size_t i = 0; i < over.parameters().size(); ++i)
    shares.push_back(influence(over, i, seen, best_most));
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (total <= 0)
    return fault{fault_code::not_found,
                 "no parameter tells the best of " + std::to_string(seen.size()) +
                     " trials from the rest by more than chance",
                 "more trials may show what matters"};
  for (auto& share : shares) share /= total;
  return shares;
}

}  // namespace fabric::tuner
