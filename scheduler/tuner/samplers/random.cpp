#include "scheduler/tuner/samplers/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fabric::tuner {

namespace {

/// Draws of a log range before the walk steps in.
constexpr std::uint64_t draws_before_walk = 32;
/// Draws in a continuous space beyond one for each touched point before it counts as used up.
constexpr std::uint64_t draws_before_exhausted = 1000;

double clamped(double x, double low, double high) {
  const double inside = std::clamp(x, low, high);
  return inside == 0 ? 0.0 : inside;
}

/// Log-uniform over the ranges of half a unit around each whole number.
coordinate draw_log(const int_range& range, draws& from) {
  const double low = std::log(static_cast<double>(range.low) - 0.5);
  const double high = std::log(static_cast<double>(range.high) + 0.5);
  const double x = std::round(std::exp(low + from.unit() * (high - low)));
  if (x >= static_cast<double>(range.high)) return static_cast<coordinate>(range.high - range.low);
  return static_cast<coordinate>(std::max(static_cast<std::int64_t>(x), range.low) - range.low);
}

coordinate draw_real(const float_range& range, draws& from) {
  const double u = from.unit();
  // Weighted rather than low + u * (high - low), which overflows where the bounds are far apart.
  const auto between = [u](double low, double high) { return low * (1 - u) + high * u; };
  const double x = range.log ? std::exp(between(std::log(range.low), std::log(range.high)))
                             : between(range.low, range.high);
  return std::bit_cast<coordinate>(clamped(x, range.low, range.high));
}

coordinate draw_one(const parameter& p, draws& from) {
  if (const auto* whole = std::get_if<int_range>(&p.over); whole && whole->log)
    return draw_log(*whole, from);
  if (const auto count = p.cardinality()) return from.below(*count);
  if (const auto* real = std::get_if<float_range>(&p.over)) return draw_real(*real, from);
  return from.next();
}

bool is_logarithmic(const parameter& p) {
  const auto* whole = std::get_if<int_range>(&p.over);
  return whole && whole->log;
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
