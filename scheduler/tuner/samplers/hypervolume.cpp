#include "scheduler/tuner/samplers/hypervolume.hpp"

#include <algorithm>

namespace fabric::tuner {

namespace {

double box(const losses& one, const losses& reference) {
  double volume = 1;
  for (std::size_t i = 0; i < one.size(); ++i) volume *= std::max(reference[i] - one[i], 0.0);
  return volume;
}

/// The least loss of those before it, one rectangle after the other.
double area(std::vector<losses> all, const losses& reference) {
  std::ranges::sort(all);
  double sum = 0;
  double height = reference[1];
  for (const auto& one : all) {
    if (one[1] >= height) continue;
    sum += box(one, {reference[0], height});
    height = one[1];
  }
  return sum;
}

/// Without those that another one dominates or equals.
void keep_front(std::vector<losses>& all) {
  std::ranges::sort(all);
  std::vector<losses> front;
  for (auto& one : all) {
    const auto covers = [&](const losses& other) {
      return std::ranges::equal(other, one, std::ranges::less_equal{});
    };
    if (std::ranges::none_of(front, covers)) front.push_back(std::move(one));
  }
  all = std::move(front);
}

}  // namespace

double hypervolume(std::span<const losses> all, const losses& reference) {
  if (reference.size() == 2) return area({all.begin(), all.end()}, reference);
  double sum = 0;
  for (std::size_t i = 0; i < all.size(); ++i)
    sum += exclusive_volume(all[i], all.subspan(i + 1), reference);
  return sum;
}

double exclusive_volume(const losses& one, std::span<const losses> others,
                        const losses& reference) {
  const double own = box(one, reference);
  if (own == 0 || others.empty()) return own;
  // What the others dominate of what `one` does.
  std::vector<losses> shared;
  for (const auto& other : others) {
    auto& worse = shared.emplace_back(one);
    for (std::size_t i = 0; i < worse.size(); ++i) worse[i] = std::max(worse[i], other[i]);
  }
  keep_front(shared);
  return std::max(own - hypervolume(shared, reference), 0.0);
}

std::vector<std::size_t> widest_subset(std::span<const losses> all, std::size_t count,
                                       const losses& reference) {
  // What a point adds only falls as others are chosen, so one that adds most by its last figure,
  // and still does by a new one, is the best: the others need no new one.
  struct candidate {
    double adds;
    std::size_t number;
    std::size_t known_at;  // so many were chosen then
  };
  std::vector<candidate> left;
  for (std::size_t i = 0; i < all.size(); ++i) left.push_back({box(all[i], reference), i, 0});
  const auto is_worse = [](const candidate& a, const candidate& b) {
    return a.adds != b.adds ? a.adds < b.adds : a.number > b.number;
  };
  std::ranges::make_heap(left, is_worse);
  std::vector<std::size_t> chosen;
  std::vector<losses> cover;
  while (chosen.size() < count && !left.empty()) {
    std::ranges::pop_heap(left, is_worse);
    auto& best = left.back();
    if (best.known_at < chosen.size()) {
      best.adds = exclusive_volume(all[best.number], cover, reference);
      best.known_at = chosen.size();
      std::ranges::push_heap(left, is_worse);
      continue;
    }
    chosen.push_back(best.number);
    cover.push_back(all[best.number]);
    left.pop_back();
  }
  return chosen;
}

}  // namespace fabric::tuner
