#pragma once

#include "scheduler/policy.hpp"

/// The policies, and the measures that they have in common.
namespace fabric::scheduler::policy {

placement_score pack(const inventory& node, const demand& needs);
placement_score spread(const inventory& node, const demand& needs);
placement_score tightest(const inventory& node, const demand& needs);

/// `part` of `whole` in millionths, from 0 to 1'000'000; 0 where `whole` is 0.
std::int64_t millionths(milli part, milli whole);

/// The mean free part of the node's resources, in millionths.
std::int64_t mean_free(const inventory& node);

/// How many kinds of resource the node has, other than CPU and memory, that the task has no use
/// for. A task goes to a node with few of them, so that GPUs and licences stay reachable for those
/// that need them.
std::int64_t kinds_wasted(const inventory& node, const demand& needs);

/// More than any sum of the other measures: one wasted kind outweighs them.
inline constexpr placement_score waste_weight = 10'000'000;

}  // namespace fabric::scheduler::policy
