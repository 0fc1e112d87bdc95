#include "scheduler/policy.hpp"

#include <array>

#include "resources/check.hpp"
#include "scheduler/policy/score.hpp"

namespace fabric::scheduler {

namespace {

struct entry {
  placement_policy policy;
  std::string_view name;
  placement_score (*score)(const inventory&, const demand&);
};

constexpr std::array<entry, 3> table = {{
    {placement_policy::pack, "pack", &policy::pack},
    {placement_policy::spread, "spread", &policy::spread},
    {placement_policy::tightest, "tightest", &policy::tightest},
}};

const entry& entry_of(placement_policy policy) {
  const auto at = static_cast<std::size_t>(policy);
  FABRIC_CHECK(at < table.size() && table[at].policy == policy);
  return table[at];
}

}  // namespace

std::string_view name_of(placement_policy policy) { return entry_of(policy).name; }

std::optional<placement_policy> policy_named(std::string_view name) {
  for (const auto& e : table)
    if (e.name == name) return e.policy;
  return std::nullopt;
}

placement_score score_of(placement_policy policy, const inventory& node, const demand& needs) {
  return entry_of(policy).score(node, needs);
}

}  // namespace fabric::scheduler
