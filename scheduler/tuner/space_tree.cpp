#include "scheduler/tuner/space_tree.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace fabric::tuner {

namespace {

bool holds(const std::vector<space_tree::interval>& all, coordinate c) {
  const auto after = std::ranges::upper_bound(all, c, {}, &space_tree::interval::first);
  return after != all.begin() && c <= std::prev(after)->last;
}

/// The last of ascending `runs` that does not begin beyond `x`.
template <class Runs, class Start>
const auto& run_of(const Runs& runs, std::uint64_t x, Start start) {
  return *std::prev(std::ranges::upper_bound(runs, x, {}, start));
}

}  // namespace

space_tree::space_tree(std::vector<node> nodes) : nodes_(std::move(nodes)) {
  std::vector<std::vector<std::size_t>> children(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].parent) continue;
    children[*nodes_[i].parent].push_back(i);
    has_conditions_ = true;
  }
  subtrees_.resize(nodes_.size());
  std::uint64_t product = 1;
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    const bool fits =
        count_subtree(i, children[i]) &&
        (nodes_[i].parent || !__builtin_mul_overflow(product, subtrees_[i].points, &product));
    if (fits) continue;
    subtrees_.clear();
    return;
  }
  if (!nodes_.empty()) size_ = product;
}

/// False where there are too many points. Children are counted before their parents.
bool space_tree::count_subtree(std::size_t parameter, std::span<const std::size_t> children) {
  const auto count = nodes_[parameter].count;
  std::vector<coordinate> starts{0};
  for (const auto child : children) {
    for (const auto& [first, last] : nodes_[child].when) {
      starts.push_back(first);
      if (last + 1 < count) starts.push_back(last + 1);
    }
  }
  std::ranges::sort(starts);
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  auto& made = subtrees_[parameter];
  for (std::size_t i = 0; i < starts.size(); ++i) {
    run one{starts[i], made.points, 1};
    for (const auto child : children)
      if (holds(nodes_[child].when, one.first) &&
          __builtin_mul_overflow(one.each, subtrees_[child].points, &one.each))
        return false;
    const auto length = (i + 1 < starts.size() ? starts[i + 1] : count) - one.first;
    std::uint64_t points = 0;
    if (__builtin_mul_overflow(one.each, length, &points) ||
        __builtin_add_overflow(made.points, points, &made.points))
      return false;
    made.runs.push_back(one);
  }
  return count > 0;
}

bool space_tree::is_active(std::span<const coordinate> p, std::size_t parameter) const {
  const auto& [count, parent, when] = nodes_[parameter];
  return !parent || (p[*parent] != inactive && holds(when, p[*parent]));
}

point space_tree::at(std::uint64_t rank) const {
  point p(nodes_.size(), inactive);
  std::uint64_t beside = *size_;  // points of all that is not chosen yet
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!is_active(p, i)) continue;
    beside /= subtrees_[i].points;
    const auto number = rank / beside;
    const auto& [first, before, each] = run_of(subtrees_[i].runs, number, &run::before);
    const auto offset = (number - before) / each;
    p[i] = first + offset;
    rank -= (before + offset * each) * beside;
    beside *= each;
  }
  return p;
}

std::uint64_t space_tree::rank_of(const point& p) const {
  std::uint64_t rank = 0;
  std::uint64_t beside = *size_;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == inactive) continue;
    beside /= subtrees_[i].points;
    const auto& [first, before, each] = run_of(subtrees_[i].runs, p[i], &run::first);
    rank += (before + (p[i] - first) * each) * beside;
    beside *= each;
  }
  return rank;
}

}  // namespace fabric::tuner
