#include "scheduler/policy/score.hpp"

#include <algorithm>

namespace fabric::scheduler::policy {

std::int64_t millionths(milli part, milli whole) {
  constexpr std::int64_t million = 1'000'000;
  if (whole.value <= 0 || part.value <= 0) return 0;
  if (part.value >= whole.value) return million;
  // Bytes in thousandths times a million would not fit in 64 bits.
  if (whole.value > million * million) return part.value / (whole.value / million);
  return part.value * million / whole.value;
}

std::int64_t mean_free(const inventory& node) {
  std::int64_t sum = 0;
  std::int64_t kinds = 0;
  for (const auto& [name, whole] : node.total().amounts) {
    sum += millionths(node.free()[name], whole);
    ++kinds;
  }
  return kinds == 0 ? 0 : sum / kinds;
}

std::int64_t kinds_wasted(const inventory& node, const demand& needs) {
  const auto& kinds = node.total().amounts;
  return std::count_if(kinds.begin(), kinds.end(), [&](const auto& kind) {
    return kind.first != cpu && kind.first != memory && needs.amounts[kind.first] == milli{0};
  });
}

}  // namespace fabric::scheduler::policy
