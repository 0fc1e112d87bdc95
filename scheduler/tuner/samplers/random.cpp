#include "scheduler/tuner/samplers/random.hpp"

#include <algorithm>

#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

namespace {

/// Draws of a log range before the walk steps in.
constexpr std::uint64_t draws_before_walk = 32;
/// Draws in a continuous space beyond one for each touched point before it counts as used up.
constexpr std::uint64_t draws_before_exhausted = 1000;

bool is_logarithmic(const parameter& p) {
  const auto* whole = std::get_if<int_range>(&p.over);
  return whole && whole->log;
}

coordinate draw_one(const parameter& p, draws& from) {
  const auto count = is_logarithmic(p) ? std::nullopt : p.cardinality();
  if (count) return from.below(*count);
  if (is_discrete(p) && !is_logarithmic(p)) return from.next();
  return stretched(p, from.unit());
}

}  // namespace

random_sampler::random_sampler(const sampler_setup& how)
    : over_(how.over),
      draws_(how.seed, how.stream),
      uniform_(std::ranges::none_of(how.over->parameters(), is_logarithmic)) {
  if (const auto size = how.over->size()) order_.emplace(*size, how.seed);
}

std::optional<point> random_sampler::propose(const ledger& points, freedom among) {
  if (among == freedom::any) return draw();
  if (order_ && uniform_) return walk(points);
  if (order_) {
    if (points.free() == 0) return std::nullopt;
    const auto drawn = draw_free(points, draws_before_walk);
    return drawn ? drawn : walk(points);
  }
  if (over_->is_discrete()) return free_after(draw(), points);
  return draw_free(points, draws_before_exhausted + points.touched());
}

point random_sampler::draw() {
  point p;
  p.reserve(over_->parameters().size());
  for (const auto& parameter : over_->parameters()) p.push_back(draw_one(parameter, draws_));
  return p;
}

std::optional<point> random_sampler::walk(const ledger& points) {
  while (walked_ < order_->size()) {
    const auto rank = order_->at(walked_++);
    if (points.is_free(rank)) return over_->at(rank);
  }
  return std::nullopt;
}

std::optional<point> random_sampler::draw_free(const ledger& points, std::uint64_t tries) {
  for (; tries > 0; --tries) {
    auto p = draw();
    if (points.is_free(p)) return p;
  }
  return std::nullopt;
}

/// There are more points than can ever be touched, so counting on from `p` ends.
point random_sampler::free_after(point p, const ledger& points) const {
  const auto& parameters = over_->parameters();
  while (!points.is_free(p)) {
    for (std::size_t i = p.size(); i-- > 0;) {
      p[i] = p[i] + 1 == parameters[i].cardinality().value_or(0) ? 0 : p[i] + 1;
      if (p[i] != 0) break;
    }
  }
  return p;
}

}  // namespace fabric::tuner
