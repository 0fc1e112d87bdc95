#include "scheduler/tuner/samplers/parameter_groups.hpp"

#include <algorithm>

namespace fabric::tuner {

std::vector<parameter_group> groups_of(const space_tree& tree) {
  const auto& nodes = tree.nodes();
  std::vector<parameter_group> groups;
  std::vector<std::size_t> group_of;  // by parameter
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto alike = std::ranges::find_if(groups, [&](const parameter_group& g) {
      const auto& first = nodes[g.members.front()];
      return first.parent == nodes[i].parent && first.when == nodes[i].when;
    });
    group_of.push_back(static_cast<std::size_t>(alike - groups.begin()));
    if (alike != groups.end()) {
      alike->members.push_back(i);
      continue;
    }
    groups.push_back({{i}});
  }
  for (auto& g : groups) {
    const auto parent = nodes[g.members.front()].parent;
    if (!parent) continue;
    const auto& one_above = groups[group_of[*parent]];
    g.above = one_above.above;
    g.above.insert(g.above.end(), one_above.members.begin(), one_above.members.end());
  }
  return groups;
}

}  // namespace fabric::tuner
