#include "actors/plots/lanes.hpp"

#include <algorithm>
#include <map>

namespace fabric::plots {

namespace {

std::int64_t latest_time(const subject& what) {
  std::int64_t latest = 0;
  for (const auto& row : what.trials) latest = std::max({latest, row.start_ms, row.complete_ms});
  return latest;
}

std::vector<run> runs_of(const subject& what) {
  const auto now = latest_time(what);
  std::vector<run> all;
  for (const auto& row : what.trials) {
    if (row.start_ms == 0) continue;
    const bool is_over = row.complete_ms != 0;
    const bool runs = row.state == tuner::trial_state::running;
    const auto end = is_over ? row.complete_ms : runs ? now : row.start_ms;
    all.push_back({&row, row.start_ms, std::max(end, row.start_ms)});
  }
  std::ranges::stable_sort(all, {}, &run::start_ms);
  return all;
}

/// Into the first lane that is free by then.
void add(node_lanes& to, const run& one) {
  for (auto& lane : to.lanes) {
    if (lane.back().end_ms > one.start_ms) continue;
    lane.push_back(one);
    return;
  }
  to.lanes.push_back({one});
}

}  // namespace

std::vector<node_lanes> lanes_of(const subject& what) {
  std::map<std::string, node_lanes> nodes;
  for (const auto& one : runs_of(what)) {
    auto& own = nodes[node_of(*one.row)];
    add(own, one);
  }
  std::vector<node_lanes> all;
  for (auto& [name, lanes] : nodes) {
    lanes.node = name;
    all.push_back(std::move(lanes));
  }
  return all;
}

}  // namespace fabric::plots
