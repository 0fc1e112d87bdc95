#include "scheduler/tuner/samplers/good_trials.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <tuple>

#include "scheduler/tuner/samplers/hypervolume.hpp"

namespace fabric::tuner {

namespace {

double or_last(double x) { return std::isnan(x) ? std::numeric_limits<double>::infinity() : x; }

/// Each loss in shares of its span from 0 to 1; infinite ones are at the ends.
std::vector<losses> in_spans(std::vector<losses> all) {
  for (std::size_t k = 0; !all.empty() && k < all.front().size(); ++k) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const auto& one : all) {
      if (!std::isfinite(one[k])) continue;
      low = std::min(low, one[k]);
      high = std::max(high, one[k]);
    }
    for (auto& one : all) {
      if (std::isfinite(one[k]))
        one[k] = high > low ? (one[k] - low) / (high - low) : 0;
      else
        one[k] = one[k] < 0 ? 0 : 1;
    }
  }
  return all;
}

/// A tenth beyond the worst of all spans, so that the ends of a front dominate something, too.
constexpr double corner_beyond = 1.1;

/// What each alone dominates, in shares of the sum; equal ones share theirs.
std::vector<double> exclusive_shares(const std::vector<losses>& all, const losses& corner) {
  std::vector<double> shares;
  double sum = 0;
  for (const auto& one : all) {
    std::vector<losses> others;
    std::ranges::remove_copy(all, std::back_inserter(others), one);
    const auto equals = static_cast<double>(all.size() - others.size());
    shares.push_back(exclusive_volume(one, others, corner) / equals);
    sum += shares.back();
  }
  for (double& share : shares) share = sum > 0 ? share / sum : 1 / static_cast<double>(all.size());
  return shares;
}

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

std::vector<good_trials::weighed> good_trials::best_weighed(std::size_t count) const {
  auto chosen = widest(count);
  if (chosen.empty())
    for (const auto number : best(count)) chosen.push_back({number, 1});
  for (std::size_t i = chosen.size(); i < std::min(count, kept_.size()); ++i)
    chosen.push_back({kept_[i].number, 1});
  std::ranges::sort(chosen, {}, &weighed::number);
  return chosen;
}

/// Of the complete ones; nothing where volumes are not asked for.
std::vector<good_trials::weighed> good_trials::widest(std::size_t count) const {
  const auto all = ranked();
  std::vector<weighed> chosen;
  if (all.empty() || all.front().all.size() > volume_objectives_max) return chosen;
  const losses corner(all.front().all.size(), corner_beyond);
  std::vector<losses> values;
  for (auto from = all.begin(); from != all.end() && chosen.size() < count;) {
    const auto to =
        std::find_if(from, all.end(), [&](const merit& m) { return m.first != from->first; });
    std::vector<losses> front;
    for (auto at = from; at != to; ++at) front.push_back(at->all);
    for (const auto i : widest_subset(in_spans(front), count - chosen.size(), corner)) {
      chosen.push_back({from[static_cast<std::ptrdiff_t>(i)].number, 1});
      values.push_back(std::move(front[i]));
    }
    from = to;
  }
  const auto shares = exclusive_shares(in_spans(std::move(values)), corner);
  for (std::size_t i = 0; i < shares.size(); ++i)
    chosen[i].weight = (1 + static_cast<double>(shares.size()) * shares[i]) / 2;
  return chosen;
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

/// The complete ones, where there are several objectives.
std::span<const good_trials::merit> good_trials::ranked() const {
  const auto end = std::ranges::find_if(kept_, [](const merit& m) { return m.all.empty(); });
  return {kept_.begin(), end};
}

void good_trials::rank() {
  const auto end = kept_.begin() + static_cast<std::ptrdiff_t>(ranked().size());
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
