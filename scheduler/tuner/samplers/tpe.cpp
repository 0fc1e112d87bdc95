#include "scheduler/tuner/samplers/tpe.hpp"

#include <algorithm>
#include <cmath>

namespace fabric::tuner {

namespace {

constexpr std::size_t startup_trials = 10;
constexpr std::size_t good_max = 25;
constexpr std::size_t recent = 25;        // others that count in full
constexpr std::size_t sampled_max = 160;  // of the older ones
constexpr std::size_t running_max = 128;  // the newest
constexpr std::size_t candidates_max = 32;
constexpr std::size_t tries_max = 4 * candidates_max;
/// One point in so many is chosen parameter by parameter.
constexpr std::uint64_t separate_every = 8;
/// A space that may be weighed point by point.
constexpr std::uint64_t small_space = 4096;

std::size_t good_of(std::size_t finished) { return std::min((finished + 9) / 10, good_max); }

}  // namespace

tpe_sampler::tpe_sampler(const sampler_setup& how)
    : over_(how.over),
      draws_(how.seed, how.stream),
      evenly_(how),
      past_(how.over->parameters().size()),
      best_(good_max) {}

std::optional<point> tpe_sampler::propose(const ledger& points, freedom among) {
  if (past_.size() < startup_trials) return evenly_.propose(points, among);
  auto best = best_.best(good_of(past_.size()));
  std::ranges::sort(best);
  const auto seen = observed(best);
  const auto unseen = others(best);
  parzen likely(*over_, seen);
  parzen unlikely(*over_, unseen);
  const bool is_separate = draws_.below(separate_every) == 0;
  if (is_separate)
    if (auto p = separately(likely, unlikely); among == freedom::any || points.is_free(p)) return p;
  const auto drawn = candidates(likely, points, among);
  const point* chosen = nullptr;
  double most = 0;
  for (const auto& p : drawn) {
    const double gain = likely.log_density(p) - unlikely.log_density(p);
    if (chosen && !(gain > most)) continue;
    chosen = &p;
    most = gain;
  }
  return chosen ? std::optional{*chosen} : evenly_.propose(points, among);
}

void tpe_sampler::started(std::uint64_t age, const point& where) { running_[age] = where; }

void tpe_sampler::ended(std::uint64_t age, const point& where, const outcome& how) {
  running_.erase(age);
  if (how.state != trial_state::complete && how.state != trial_state::pruned) return;
  best_.add(past_.size(), how);
  past_.add(where);
}

std::vector<observation> tpe_sampler::observed(const std::vector<std::size_t>& good) const {
  std::vector<observation> all;
  for (const auto number : good) all.push_back({past_.at(number), 1});
  return all;
}

/// All finished trials that are not good, or a sample of them, and those that run. An older trial
/// weighs in proportion to its place in the order in which they ended.
std::vector<observation> tpe_sampler::others(const std::vector<std::size_t>& good) {
  const auto is_good = [&](std::size_t number) { return std::ranges::binary_search(good, number); };
  std::vector<observation> all;
  const std::size_t older = past_.size() - std::min(past_.size(), recent);
  const auto rank = [&](std::size_t number) {
    return (static_cast<double>(number) + 1) / (static_cast<double>(older) + 1);
  };
  if (older <= sampled_max) {
    for (std::size_t number = 0; number < older; ++number)
      if (!is_good(number)) all.push_back({past_.at(number), rank(number)});
  } else {
    // As likely as they weigh, so all weigh the same: half of the older ones' number in all.
    const double weight = static_cast<double>(older) / 2 / static_cast<double>(sampled_max);
    for (std::size_t i = 0; i < sampled_max; ++i) {
      const double u = (static_cast<double>(i) + draws_.unit()) / static_cast<double>(sampled_max);
      const double at = std::sqrt(u) * static_cast<double>(older);
      const auto number = std::min(static_cast<std::size_t>(at), older - 1);
      if (!is_good(number)) all.push_back({past_.at(number), weight});
    }
  }
  for (std::size_t number = older; number < past_.size(); ++number)
    if (!is_good(number)) all.push_back({past_.at(number), 1});
  std::size_t left = running_max;
  for (auto at = running_.rbegin(); at != running_.rend() && left > 0; ++at, --left)
    all.push_back({at->second, 1});
  return all;
}

/// Each coordinate by its own densities: leaves a bad choice behind that all good points share.
point tpe_sampler::separately(parzen& likely, parzen& unlikely) {
  point p;
  for (std::size_t i = 0; i < over_->parameters().size(); ++i) {
    coordinate chosen = 0;
    double most = 0;
    for (std::size_t k = 0; k < candidates_max; ++k) {
      const auto c = likely.draw_one(i, draws_);
      const double gain = likely.log_density(i, c) - unlikely.log_density(i, c);
      if (k > 0 && !(gain > most)) continue;
      chosen = c;
      most = gain;
    }
    p.push_back(chosen);
  }
  return p;
}

std::vector<point> tpe_sampler::candidates(const parzen& from, const ledger& points,
                                           freedom among) {
  std::vector<point> all;
  for (std::size_t i = 0; i < tries_max && all.size() < candidates_max; ++i) {
    auto p = from.draw(draws_);
    if (among == freedom::any || points.is_free(p)) all.push_back(std::move(p));
  }
  const auto size = over_->size();
  if (all.size() < candidates_max && size && *size <= small_space) return all_free(points);
  return all;
}

std::vector<point> tpe_sampler::all_free(const ledger& points) const {
  std::vector<point> all;
  for (std::uint64_t rank = 0; rank < *over_->size(); ++rank)
    if (points.is_free(rank)) all.push_back(over_->at(rank));
  return all;
}

}  // namespace fabric::tuner
