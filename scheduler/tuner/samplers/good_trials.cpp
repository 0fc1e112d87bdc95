#include "scheduler/tuner/samplers/good_trials.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace fabric::tuner {

namespace {

double or_last(double x) { return std::isnan(x) ? std::numeric_limits<double>::infinity() : x; }

}  // namespace

void good_trials::add(std::size_t number, const outcome& how) {
  auto one = merit_of(number, how);
  if (is_hopeless(one)) return;
  const bool is_ranked = one.all.size() > 1;
  const auto at = std::ranges::upper_bound(
      kept_, one, [](const merit& a, const merit& b) { return a.is_before(b); });
  kept_.insert(at, std::move(one));
  if (is_ranked) rank();
  if (kept_.size() > kept_max_) kept_.pop_back();
}

std::vector<std::size_t> good_trials::best(std::size_t count) const {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < std::min(count, kept_.size()); ++i)
    numbers.push_back(kept_[i].number);
  return numbers;
}

bool good_trials::merit::is_before(const merit& other) const {
  return std::tie(what, first, second, number) <
         std::tie(other.what, other.first, other.second, other.number);
}

good_trials::merit good_trials::merit_of(std::size_t number, const outcome& how) {
  using enum merit::kind;
  if (how.violation > 0) return {infeasible, how.violation, 0, number};
  if (how.state == trial_state::complete && !how.losses.empty()) {
    merit m{complete, or_last(how.losses.front()), 0, number};
    if (how.losses.size() > 1)
      for (const double loss : how.losses) m.all.push_back(or_last(loss));
    return m;
  }
  if (!how.last_report) return {pruned, 1, 0, number};
  return {pruned, -static_cast<double>(how.last_report->step), or_last(how.last_report->loss),
          number};
}

/// It would be the one that is dropped: a resumed study of many trials is read quickly.
bool good_trials::is_hopeless(const merit& m) const {
  if (kept_.size() < kept_max_) return false;
  const auto& last = kept_.back();
  if (m.what != merit::kind::complete || m.all.size() < 2) return last.is_before(m);
  return last.what == merit::kind::complete && dominates(last.all, m.all);
}

void good_trials::rank() {
  const auto end =
      std::ranges::find_if(kept_, [](const merit& m) { return m.what != merit::kind::complete; });
  std::vector<losses> all;
  for (auto at = kept_.begin(); at != end; ++at) all.push_back(at->all);
  const auto ranks = domination_ranks(all);
  for (std::size_t i = 0; i < all.size(); ++i) kept_[i].first = static_cast<double>(ranks[i]);
  const auto by_order = [](const merit& a, const merit& b) { return a.is_before(b); };
  std::sort(kept_.begin(), end, by_order);
  for (auto from = kept_.begin(); from != end;) {
    const auto to = std::find_if(from, end, [&](const merit& m) { return m.first != from->first; });
    std::vector<losses> front;
    for (auto at = from; at != to; ++at) front.push_back(at->all);
    const auto room = crowding_distances(front);
    for (std::size_t i = 0; i < room.size(); ++i)
      from[static_cast<std::ptrdiff_t>(i)].second = -room[i];
    from = to;
  }
  std::sort(kept_.begin(), end, by_order);
}

}  // namespace fabric::tuner
