#include "scheduler/tuner/samplers/nsga2.hpp"

#include <algorithm>
#include <cmath>

#include "scheduler/tuner/samplers/completed.hpp"
#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

namespace {

constexpr std::size_t nsga2_startup_trials = 20;
constexpr std::size_t parents_max = 50;
constexpr double crossing_probability = 0.9;
constexpr double index = 20;  // of both distributions
constexpr int tries_max = 30;

/// How far the child of simulated binary crossover lies from the middle of its parents, in half
/// distances of theirs (Deb, Agrawal: "Simulated binary crossover for continuous search space",
/// Complex Systems 9, 1995).
double spread(double u) {
  return u < 0.5 ? std::pow(2 * u, 1 / (index + 1)) : std::pow(1 / (2 - 2 * u), 1 / (index + 1));
}

/// A step of polynomial mutation from `x` within [0, 1], as in the authors' own code.
double polynomial_step(double x, double u) {
  const double power = 1 / (index + 1);
  if (u < 0.5) return std::pow(2 * u + (1 - 2 * u) * std::pow(1 - x, index + 1), power) - 1;
  return 1 - std::pow(2 * (1 - u) + 2 * (u - 0.5) * std::pow(x, index + 1), power);
}

}  // namespace

nsga2_sampler::nsga2_sampler(const sampler_setup& how)
    : over_(how.over),
      draws_(how.seed, how.stream),
      evenly_(how),
      past_(how.over->parameters().size()),
      parents_(parents_max) {}

std::optional<point> nsga2_sampler::propose(const ledger& points, freedom among) {
  if (past_.size() < nsga2_startup_trials) return evenly_.propose(points, among);
  const auto parents = parents_.best(parents_max);
  auto p = child(past_.at(winner(parents)), past_.at(winner(parents)));
  if (among == freedom::any) return p;
  for (int i = 0; i < tries_max; ++i) {
    if (points.is_free(p)) return p;
    const auto own = active_in(p);
    const auto k = own[draws_.below(own.size())];
    p[k] = stretched(over_->parameters()[k], draws_.unit());
    p = completed(*over_, std::move(p), draws_);
  }
  return evenly_.propose(points, among);
}

void nsga2_sampler::ended(std::uint64_t, const point& where, const outcome& how) {
  if (how.state != trial_state::complete && how.state != trial_state::pruned) return;
  parents_.add(past_.size(), how);
  past_.add(where);
}

/// The better one of two.
std::size_t nsga2_sampler::winner(const std::vector<std::size_t>& parents) {
  return parents[std::min(draws_.below(parents.size()), draws_.below(parents.size()))];
}

point nsga2_sampler::child(std::span<const coordinate> a, std::span<const coordinate> b) {
  const auto& parameters = over_->parameters();
  point p(a.begin(), a.end());
  const bool is_crossed = draws_.unit() < crossing_probability;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (is_crossed && draws_.unit() < 0.5) p[i] = crossed(parameters[i], a[i], b[i]);
    const bool is_mutated = draws_.below(p.size()) == 0;
    if (p[i] == inactive) p[i] = b[i];
    if (is_mutated && p[i] != inactive) p[i] = mutated(parameters[i], p[i]);
  }
  return completed(*over_, std::move(p), draws_);
}

coordinate nsga2_sampler::crossed(const parameter& p, coordinate a, coordinate b) {
  if (b == inactive) return a;
  if (a == inactive || is_category(p)) return b;
  const double x = cell_of(p, a).middle;
  const double y = cell_of(p, b).middle;
  const double side = draws_.unit() < 0.5 ? -1 : 1;
  return stretched_within(p, (x + y) / 2 + side * spread(draws_.unit()) * (y - x) / 2);
}

coordinate nsga2_sampler::mutated(const parameter& p, coordinate c) {
  if (is_category(p)) return stretched(p, draws_.unit());
  const double x = cell_of(p, c).middle;
  return stretched_within(p, x + polynomial_step(x, draws_.unit()));
}

}  // namespace fabric::tuner
