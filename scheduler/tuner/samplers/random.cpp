#include "scheduler/tuner/samplers/random.hpp"

#include <algorithm>

#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

namespace {

/// Draws by the odds before the walk steps in, or counting on, or a branch without end.
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
      uniform_(!how.over->tree().has_conditions() &&
               std::ranges::none_of(how.over->parameters(), is_logarithmic)) {
  if (how.over->size()) walk_.emplace(*how.over, how.seed);
  for (std::size_t i = 0; i < over_->parameters().size(); ++i)
    if (over_->tree().has_conditions() && !is_discrete(over_->parameters()[i]))
      endless_.push_back(i);
}

std::optional<point> random_sampler::propose(const ledger& points, freedom among) {
  if (among == freedom::any) return draw();
  if (walk_ && uniform_) return walk_->next(points);
  if (walk_) {
    if (points.free() == 0) return std::nullopt;
    const auto drawn = draw_free(points, draws_before_walk);
    return drawn ? drawn : walk_->next(points);
  }
  if (over_->is_discrete()) {
    const auto drawn = draw_free(points, draws_before_walk);
    return drawn ? drawn : free_after(draw(), points);
  }
  return draw_free(points, draws_before_exhausted + points.touched());
}

point random_sampler::draw() {
  point p;
  p.reserve(over_->parameters().size());
  for (const auto& parameter : over_->parameters()) p.push_back(draw_one(parameter, draws_));
  return over_->trimmed(std::move(p));
}

/// A point that has a continuous parameter.
point random_sampler::draw_endless() {
  point p;
  for (const auto& parameter : over_->parameters()) p.push_back(draw_one(parameter, draws_));
  const auto& nodes = over_->tree().nodes();
  for (std::size_t i = endless_[draws_.below(endless_.size())]; nodes[i].parent;
       i = *nodes[i].parent) {
    const auto& [first, last] = nodes[i].when[draws_.below(nodes[i].when.size())];
    p[*nodes[i].parent] = first + draws_.below(last - first + 1);
  }
  return over_->trimmed(std::move(p));
}

std::optional<point> random_sampler::draw_free(const ledger& points, std::uint64_t tries) {
  for (std::uint64_t i = 0; i < tries; ++i) {
    const bool is_forced = !endless_.empty() && i >= draws_before_walk && i % 2 == 0;
    auto p = is_forced ? draw_endless() : draw();
    if (points.is_free(p)) return p;
  }
  return std::nullopt;
}

/// There are more points than can ever be touched, so counting on from `p` ends.
point random_sampler::free_after(point p, const ledger& points) const {
  const auto& nodes = over_->tree().nodes();
  while (!points.is_free(p)) {
    std::size_t i = p.size();
    while (i-- > 0) {
      if (p[i] == inactive && !over_->is_active(p, i)) continue;
      p[i] = p[i] + 1 == nodes[i].count ? 0 : p[i] + 1;
      if (p[i] != 0) break;
    }
    // What the new values ask for begins at 0.
    for (i = i + 1; i < p.size(); ++i) p[i] = over_->is_active(p, i) ? 0 : inactive;
  }
  return p;
}

}  // namespace fabric::tuner
