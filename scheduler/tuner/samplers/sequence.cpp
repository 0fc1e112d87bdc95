#include "scheduler/tuner/samplers/sequence.hpp"

#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

namespace {

/// Taken points in a row before a random free one is looked for.
constexpr std::uint64_t taken_max = 32;

}  // namespace

sequence_sampler::sequence_sampler(const sampler_setup& how, std::uint64_t length)
    : over_(how.over), seed_(how.seed), length_(length), otherwise_(how) {}

std::optional<point> sequence_sampler::propose(const ledger& points, freedom among) {
  if (among == freedom::any && index_ < length_) return next();
  // In an endless space all that is taken may be this sequence's own start, before a resume.
  std::uint64_t tries = taken_max + (over_->size() ? 0 : points.touched());
  for (; tries > 0 && index_ < length_; --tries) {
    auto p = next();
    if (points.is_free(p)) return p;
  }
  return otherwise_.propose(points, among);
}

point sequence_sampler::next() {
  const auto& parameters = over_->parameters();
  point p;
  p.reserve(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i)
    p.push_back(stretched(parameters[i], fraction(index_, i)));
  ++index_;
  return over_->trimmed(std::move(p));
}

}  // namespace fabric::tuner
