#include "scheduler/tuner/samplers/cma_es.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

namespace {

constexpr double first_sigma = 1.0 / 6;  // of the range
constexpr std::size_t population_max = 256;
constexpr int draws_inside = 10;
constexpr int tries_max = 100;
constexpr int tries_before_widening = 10;
constexpr double widening_step = 1.05;
constexpr double learning_rate = 0.25;  // of odds
constexpr double share_for_all = 0.1;

std::vector<std::size_t> numerical_of(const space& over) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < over.parameters().size(); ++i)
    if (!is_category(over.parameters()[i])) all.push_back(i);
  return all;
}

evolution::vector centre(std::size_t dimensions) {
  return evolution::vector::Constant(static_cast<std::ptrdiff_t>(dimensions), 0.5);
}

evolution::worth worth_of(const outcome& how) {
  const bool has_loss = how.state == trial_state::complete && !how.losses.empty();
  const double loss = has_loss ? how.losses.front() : std::numeric_limits<double>::infinity();
  return {how.violation, std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss};
}

}  // namespace

cma_es_sampler::cma_es_sampler(const sampler_setup& how)
    : over_(how.over),
      draws_(how.seed, how.stream),
      evenly_(how),
      numerical_(numerical_of(*how.over)),
      least_(centre(numerical_.size())),
      search_({centre(numerical_.size()), first_sigma}) {
  for (std::size_t i = 0; i < over_->parameters().size(); ++i) {
    if (!is_category(over_->parameters()[i])) continue;
    const auto count = *over_->parameters()[i].cardinality();
    categories_.push_back({i, std::vector<double>(count, 1 / static_cast<double>(count))});
  }
  // A cell's border is passed by about one draw in ten from its middle.
  for (std::size_t k = 0; k < numerical_.size(); ++k) {
    const auto count = over_->parameters()[numerical_[k]].cardinality();
    least_[static_cast<std::ptrdiff_t>(k)] = count ? 0.3 / static_cast<double>(*count) : 0;
  }
}

std::optional<point> cma_es_sampler::propose(const ledger& points, freedom among) {
  double widening = 1;
  for (int i = 0; i < tries_max; ++i) {
    if (i >= tries_before_widening) widening *= widening_step;
    latest_ = draw(widening);
    if (among == freedom::any || points.is_free(latest_.where)) return latest_.where;
  }
  return evenly_.propose(points, among);
}

void cma_es_sampler::started(std::uint64_t age, const point& where) {
  if (where == latest_.where)
    open_[age] = latest_;
  else
    open_[age] = {where, middle_of(where), starts_};
}

void cma_es_sampler::ended(std::uint64_t age, const point& where, const outcome& how) {
  auto known = open_.extract(age);
  if (how.state != trial_state::complete && how.state != trial_state::pruned) return;
  // A good place that was found before would draw the new start back to itself.
  if (known && known.mapped().start != starts_) return;
  const auto moves = search_.moves();
  const auto worth = worth_of(how);
  population_.emplace_back(worth, where);
  search_.tell(known ? known.mapped().x : middle_of(where), worth);
  if (search_.moves() == moves) return;
  learn_choices();
  if (search_.is_over()) start_anew();
}

cma_es_sampler::drawn cma_es_sampler::draw(double widening) {
  drawn made{point(over_->parameters().size()), draw_inside(widening), starts_};
  for (std::size_t k = 0; k < numerical_.size(); ++k) {
    const double u = made.x[static_cast<std::ptrdiff_t>(k)];
    made.where[numerical_[k]] = stretched_within(over_->parameters()[numerical_[k]], u);
  }
  for (const auto& [parameter, of] : categories_) {
    if (draws_.unit() < share_for_all) {
      made.where[parameter] = draws_.below(of.size());
      continue;
    }
    double left = draws_.unit();
    coordinate c = 0;
    while (c + 1 < of.size() && (left -= of[c]) >= 0) ++c;
    made.where[parameter] = c;
  }
  made.where = over_->trimmed(std::move(made.where));
  return made;
}

evolution::vector cma_es_sampler::draw_inside(double widening) {
  const auto deviations = search_.deviations();
  evolution::vector x;
  for (int i = 0; i < draws_inside; ++i) {
    x = search_.draw(draws_) - search_.mean();
    for (std::ptrdiff_t k = 0; k < x.size(); ++k) {
      x[k] *= widening;
      if (deviations[k] < least_[k]) x[k] *= least_[k] / deviations[k];
    }
    x += search_.mean();
    if (x.minCoeff() >= 0 && x.maxCoeff() <= 1) return x;
  }
  return x.cwiseMax(0).cwiseMin(1);
}

/// A place in the middle would draw what is left out to the middle.
evolution::vector cma_es_sampler::middle_of(const point& where) {
  const bool is_whole = std::ranges::find(where, inactive) == where.end();
  auto x = is_whole ? centre(numerical_.size()) : draw_inside(1);
  for (std::size_t k = 0; k < numerical_.size(); ++k) {
    const auto c = where[numerical_[k]];
    if (c != inactive)
      x[static_cast<std::ptrdiff_t>(k)] = cell_of(over_->parameters()[numerical_[k]], c).middle;
  }
  return x;
}

void cma_es_sampler::learn_choices() {
  std::ranges::stable_sort(population_, {}, &std::pair<evolution::worth, point>::first);
  const auto better = population_.size() / 2;
  for (auto& [parameter, of] : categories_) {
    std::vector<coordinate> seen;
    for (std::size_t i = 0; i < better; ++i)
      if (const auto c = population_[i].second[parameter]; c != inactive) seen.push_back(c);
    if (seen.empty()) continue;
    for (double& share : of) share *= 1 - learning_rate;
    for (const auto c : seen) of[c] += learning_rate / static_cast<double>(seen.size());
  }
  population_.clear();
}

void cma_es_sampler::start_anew() {
  ++starts_;
  auto mean = centre(numerical_.size());
  for (double& x : mean) x = draws_.unit();
  search_ =
      evolution({std::move(mean), first_sigma, std::min(2 * search_.population(), population_max)});
}

}  // namespace fabric::tuner
