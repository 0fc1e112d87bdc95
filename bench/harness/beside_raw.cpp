#include "bench/harness/beside_raw.hpp"

#include <unistd.h>

#include "bench/harness/machine.hpp"
#include "bench/harness/sample.hpp"

namespace fabric::bench {

namespace {

/// Of the same repetitions of ours, against one floor each.
struct both {
  paired curve;
  paired plain;
};

/// How often threads of processes go to sleep from its making on.
struct sleep_count {
  explicit sleep_count(std::vector<int> whose) : pids(std::move(whose)), before(sleeps_of(pids)) {}
  [[nodiscard]] double each(std::size_t count) const {
    return (sleeps_of(pids) - before) / static_cast<double>(count);
  }

  std::vector<int> pids;
  double before;
};

std::vector<int> with_this(std::vector<int> others) {
  others.push_back(getpid());
  return others;
}

std::vector<measurement> told(const measurement& m, const both& taken, const std::string& what) {
  auto curve = m;
  fill(curve, taken.curve);
  curve.floor_name = "libzmq " + what + " with CURVE";
  auto plain = m;
  fill(plain, taken.plain);
  plain.floor_name = "libzmq " + what + " without CURVE";
  plain.published.reset();
  plain.point.reset();
  return {curve, plain};
}

}  // namespace

std::vector<measurement> beside_raw::round_trips(
    measurement m, std::size_t count, const std::function<void()>& prepare,
    const std::function<std::vector<double>()>& ours) const {
  both taken;
  std::vector<double> all;
  std::vector<double> floor_sleeps;
  std::vector<double> sleeps;
  for (int i = 0; i < repetitions; ++i) {
    taken.plain.floor.push_back(median(raw.plain.round_trips(count)));
    sleep_count of_floor{{getpid(), raw.curve.server_pid()}};
    taken.curve.floor.push_back(median(raw.curve.round_trips(count)));
    floor_sleeps.push_back(of_floor.each(count));
    prepare();
    sleep_count of_ours{with_this(others())};
    const auto each = ours();
    sleeps.push_back(of_ours.each(count));
    taken.plain.ours.push_back(median(each));
    taken.curve.ours.push_back(taken.plain.ours.back());
    all.insert(all.end(), each.begin(), each.end());
  }
  m.p99 = percentile(all, 0.99);
  m.p99_unit = m.unit;
  m.extra["sleeps of threads each"] = median(sleeps);
  m.extra["sleeps of threads each, libzmq"] = median(floor_sleeps);
  return told(m, taken, "p50");
}

std::vector<measurement> beside_raw::rates(measurement m, std::size_t count, std::size_t window,
                                           const std::function<double()>& ours) const {
  both taken;
  for (int i = 0; i < repetitions; ++i) {
    taken.plain.floor.push_back(raw.plain.rate(count, window));
    taken.curve.floor.push_back(raw.curve.rate(count, window));
    taken.plain.ours.push_back(ours());
    taken.curve.ours.push_back(taken.plain.ours.back());
  }
  return told(m, taken, "requests/s");
}

}  // namespace fabric::bench
