#include "bench/harness/sample.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>

namespace fabric::bench {

double seconds_since(timer::time_point start) {
  return std::chrono::duration<double>(timer::now() - start).count();
}

double percentile(std::vector<double> values, double p) {
  const auto rank = std::ceil(p * static_cast<double>(values.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::min(index, values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

double thread_seconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

paired take_in_turn(int repetitions, const std::function<double()>& floor,
                    const std::function<double()>& ours) {
  paired taken;
  for (int i = 0; i < repetitions; ++i) {
    taken.floor.push_back(floor());
    taken.ours.push_back(ours());
  }
  return taken;
}

void fill(measurement& m, const std::vector<double>& ours) {
  m.value = median(ours);
  const auto [lowest, highest] = std::minmax_element(ours.begin(), ours.end());
  m.lowest = *lowest;
  m.highest = *highest;
}

void fill(measurement& m, const paired& from) {
  fill(m, from.ours);
  m.floor = median(from.floor);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < from.ours.size(); ++i) ratios.push_back(from.ours[i] / from.floor[i]);
  m.ratio = median(ratios);
}

}  // namespace fabric::bench
