#include "bench/harness/bench_case.hpp"
#include "bench/harness/pinged_head.hpp"
#include "bench/harness/raw_echo.hpp"
#include "bench/harness/sample.hpp"

namespace fabric::bench {

namespace {

/// Servers first: nothing may have started a thread before they are forked.
struct both_sides {
  pinged_head head;
  raw_echo plain{false};
  raw_echo curve{true};
};

}  // namespace

std::vector<measurement> request_round_trip(const settings& how) {
  both_sides sides;
  const std::size_t count = how.smoke ? 50 : 4'000;
  const int repetitions = how.smoke ? 1 : 5;
  std::vector<double> ours;
  std::vector<double> curve_floor;
  paired to_plain;
  paired to_curve;
  for (int i = 0; i < repetitions; ++i) {
    const auto plain = sides.plain.round_trips(count);
    const auto curve = sides.curve.round_trips(count);
    const auto taken = sides.head.round_trips(count);
    to_plain.floor.push_back(median(plain));
    to_curve.floor.push_back(median(curve));
    to_plain.ours.push_back(median(taken));
    to_curve.ours.push_back(median(taken));
    ours.insert(ours.end(), taken.begin(), taken.end());
    curve_floor.insert(curve_floor.end(), curve.begin(), curve.end());
  }
  measurement m{.case_name = "request_round_trip", .figure = "p50, with CURVE", .unit = "us"};
  m.p99 = percentile(ours, 0.99);
  m.p99_unit = "us";
  m.extra["floor p99"] = percentile(curve_floor, 0.99);
  auto against_curve = m;
  fill(against_curve, to_curve);
  against_curve.floor_name = "libzmq p50 with CURVE";
  against_curve.wanted = aim{aim::measure::ratio, aim::side::at_most, 2.5};
  auto against_plain = m;
  fill(against_plain, to_plain);
  against_plain.extra.clear();
  against_plain.floor_name = "libzmq p50 without CURVE";
  return {against_curve, against_plain};
}

std::vector<measurement> request_rate(const settings& how) {
  both_sides sides;
  const std::size_t count = how.smoke ? 500 : 100'000;
  const int repetitions = how.smoke ? 1 : 5;
  std::vector<measurement> all;
  // The head lets a client have 256 requests under way; what is beyond waits in the client.
  for (const std::size_t window : {std::size_t{256}, std::size_t{4096}}) {
    paired to_plain;
    paired to_curve;
    for (int i = 0; i < repetitions; ++i) {
      to_plain.floor.push_back(sides.plain.rate(count, window));
      to_curve.floor.push_back(sides.curve.rate(count, window));
      to_plain.ours.push_back(sides.head.rate(count, window));
      to_curve.ours.push_back(to_plain.ours.back());
    }
    measurement m{.case_name = "request_rate",
                  .figure = std::to_string(window) + " under way, with CURVE",
                  .unit = "requests/s"};
    m.extra["requests"] = static_cast<double>(count);
    auto against_curve = m;
    fill(against_curve, to_curve);
    against_curve.floor_name = "libzmq with CURVE, a frame a message";
    auto against_plain = m;
    fill(against_plain, to_plain);
    against_plain.floor_name = "libzmq without CURVE";
    all.push_back(against_curve);
    all.push_back(against_plain);
  }
  return all;
}

}  // namespace fabric::bench
