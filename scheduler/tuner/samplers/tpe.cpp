#include "scheduler/tuner/samplers/tpe.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace fabric::tuner {

namespace {

constexpr std::size_t tpe_startup_trials = 10;
constexpr std::size_t good_max = 25;
constexpr std::size_t front_max = 100;    // of several objectives, to choose the good ones from
constexpr std::size_t recent = 25;        // others that count in full
constexpr std::size_t sampled_max = 160;  // of the older ones
constexpr std::size_t running_max = 128;  // the newest
constexpr std::size_t candidates_max = 32;
constexpr std::size_t tries_max = 4 * candidates_max;
/// Choices for one group that are gone on with for the next, before that counts as crowded.
constexpr std::size_t extensions_max = 16;
/// One point in so many is chosen parameter by parameter.
constexpr std::uint64_t separate_every = 8;
/// A space that may be weighed point by point.
constexpr std::uint64_t small_space = 4096;

std::size_t good_of(std::size_t finished) { return std::min((finished + 9) / 10, good_max); }

}  // namespace

tpe_sampler::tpe_sampler(const sampler_setup& how)
    : over_(how.over),
      groups_(groups_of(how.over->tree())),
      draws_(how.seed, how.stream),
      evenly_(how),
      past_(how.over->parameters().size()),
      best_(how.objectives > 1 ? front_max : good_max) {}

std::optional<point> tpe_sampler::propose(const ledger& points, freedom among) {
  if (past_.size() < tpe_startup_trials) return evenly_.propose(points, among);
  const auto best = best_.best_weighed(good_of(past_.size()));
  proposal now{&points, among, observed(best), others(best), {}, extensions_max};
  now.models.resize(groups_.size());
  if (draws_.below(separate_every) == 0)
    if (auto p = separately(now); now.may_be(p)) return p;
  auto chosen = extended(point(over_->parameters().size(), inactive), 0, now);
  const auto size = over_->size();
  if ((now.is_crowded || !chosen) && size && *size <= small_space)
    chosen = best_of(all_free(points), now);
  return chosen ? chosen : evenly_.propose(points, among);
}

void tpe_sampler::started(std::uint64_t age, const point& where) { running_[age] = where; }

void tpe_sampler::ended(std::uint64_t age, const point& where, const outcome& how) {
  running_.erase(age);
  if (how.state != trial_state::complete && how.state != trial_state::pruned) return;
  best_.add(past_.size(), how);
  past_.add(where);
}

std::vector<observation> tpe_sampler::observed(
    const std::vector<good_trials::weighed>& good) const {
  std::vector<observation> all;
  for (const auto& [number, weight] : good) all.push_back({past_.at(number), weight});
  return all;
}

/// All finished trials that are not good, or a sample of them, and those that run. An older trial
/// weighs in proportion to its place in the order in which they ended.
std::vector<observation> tpe_sampler::others(const std::vector<good_trials::weighed>& good) {
  const auto is_good = [&](std::size_t number) {
    return std::ranges::binary_search(good, number, {}, &good_trials::weighed::number);
  };
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

bool tpe_sampler::proposal::may_be(const point& p) const {
  return among == freedom::any || points->is_free(p);
}

void tpe_sampler::densities::suppose(const point& p) {
  likely.suppose(p);
  unlikely.suppose(p);
}

double tpe_sampler::densities::gain(const point& p) {
  return likely.log_density(p) - unlikely.log_density(p);
}

tpe_sampler::densities& tpe_sampler::model(proposal& in, std::size_t group) const {
  auto& made = in.models[group];
  if (made) return *made;
  const auto& g = groups_[group];
  const auto those_with = [&](const std::vector<observation>& all) {
    std::vector<observation> own;
    for (const auto& one : all)
      if (one.where[g.members.front()] != inactive) own.push_back(one);
    return own;
  };
  const parzen::scope which{g.members, g.above};
  return made.emplace(densities{parzen(*over_, which, those_with(in.good)),
                                parzen(*over_, which, those_with(in.others))});
}

/// The first group from `from` on that a point with these values has; the number of groups where it
/// has none.
std::size_t tpe_sampler::next_group(const point& p, std::size_t from) const {
  while (from < groups_.size() && !groups_[from].is_active(over_->tree(), p)) ++from;
  return from;
}

/// Each coordinate by its own densities: leaves a bad choice behind that all good points share.
point tpe_sampler::separately(proposal& in) {
  point p(over_->parameters().size(), inactive);
  for (std::size_t g = 0; (g = next_group(p, g)) < groups_.size(); ++g) {
    auto& [likely, unlikely] = model(in, g);
    for (const auto i : groups_[g].members) {
      double most = 0;
      for (std::size_t k = 0; k < candidates_max; ++k) {
        const auto c = likely.draw_one(i, draws_);
        const double gain = likely.log_density(i, c) - unlikely.log_density(i, c);
        if (k > 0 && !(gain > most)) continue;
        p[i] = c;
        most = gain;
      }
    }
  }
  return p;
}

/// `from` with the best of what is drawn for the group, and for all groups after it; nothing where
/// that is taken. Precondition: a point that begins so has the group.
std::optional<point> tpe_sampler::extended(const point& from, std::size_t group, proposal& in) {
  struct candidate {
    point where;
    std::size_t next;
    double gain;
  };
  auto& densities = model(in, group);
  densities.suppose(from);
  std::vector<candidate> drawn;
  for (std::size_t i = 0; i < tries_max && drawn.size() < candidates_max; ++i) {
    candidate one{from, 0, 0};
    densities.likely.draw(one.where, draws_);
    one.next = next_group(one.where, group + 1);
    if (one.next == groups_.size() && !in.may_be(one.where)) continue;
    one.gain = densities.gain(one.where);
    drawn.push_back(std::move(one));
  }
  in.is_crowded |= drawn.size() < candidates_max;
  std::ranges::stable_sort(drawn, std::ranges::greater{}, &candidate::gain);
  for (const auto& one : drawn) {
    if (one.next == groups_.size()) return one.where;
    if (in.extensions_left == 0) return std::nullopt;
    --in.extensions_left;
    if (auto whole = extended(one.where, one.next, in)) return whole;
  }
  return std::nullopt;
}

/// The best by the first group, of these the best by the next one that they have, and so on.
std::optional<point> tpe_sampler::best_of(std::vector<point> all, proposal& in) const {
  if (all.empty()) return std::nullopt;
  for (std::size_t g = 0; (g = next_group(all.front(), g)) < groups_.size(); ++g) {
    auto& densities = model(in, g);
    densities.suppose(all.front());
    const auto own = [&](const point& p) {
      point values;
      for (const auto i : groups_[g].members) values.push_back(p[i]);
      return values;
    };
    std::map<point, double> gains;
    const point* best = nullptr;
    double most = 0;
    for (const auto& p : all) {
      const auto [known, is_new] = gains.try_emplace(own(p));
      if (is_new) known->second = densities.gain(p);
      if (best && !(known->second > most)) continue;
      best = &p;
      most = known->second;
    }
    const auto chosen = own(*best);
    std::erase_if(all, [&](const point& p) { return own(p) != chosen; });
  }
  return std::move(all.front());
}

std::vector<point> tpe_sampler::all_free(const ledger& points) const {
  std::vector<point> all;
  for (std::uint64_t rank = 0; rank < *over_->size(); ++rank)
    if (points.is_free(rank)) all.push_back(over_->at(rank));
  return all;
}

}  // namespace fabric::tuner
