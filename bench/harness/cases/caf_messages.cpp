#include <memory>
#include <sstream>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/caf_peer.hpp"
#include "bench/harness/client_crew.hpp"
#include "bench/harness/daemon_cluster.hpp"
#include "bench/harness/machine.hpp"
#include "bench/harness/raw_echo.hpp"
#include "bench/harness/sample.hpp"
#include "bench/harness/server_process.hpp"

namespace fabric::bench {

namespace {

constexpr std::size_t text_bytes = 1024;
constexpr aim latency_aim{aim::measure::ratio, aim::side::at_most, 0.75};
constexpr aim rate_aim{aim::measure::ratio, aim::side::at_least, 5};

/// Two programs and what carries their messages.
class pair_of_programs {
 public:
  pair_of_programs(caf_carrier by, const std::string& cluster_file)
      : server_([&](const auto& ready) { serve_caf_counter(by, cluster_file, ready); }),
        client_(1, [this, by, cluster_file](std::size_t) {
          auto own = std::make_shared<std::unique_ptr<caf_client>>();
          return [this, by, cluster_file, own](const std::string& order) {
            if (!*own) *own = std::make_unique<caf_client>(by, cluster_file, server_.line());
            return follow(**own, order);
          };
        }) {}

  double round_trip_us(std::size_t count) { return tell("latency", count); }
  /// How often threads of both programs go to sleep for a request.
  double sleeps_each(std::size_t count) {
    const std::vector<int> both{server_.pid(), client_.pid(0)};
    const double before = sleeps_of(both);
    round_trip_us(count);
    return (sleeps_of(both) - before) / static_cast<double>(count);
  }
  double rate(std::size_t count) { return tell("rate", count); }
  double text_rate(std::size_t count) { return tell("text", count); }

 private:
  static double follow(caf_client& client, const std::string& order) {
    std::istringstream words{order};
    std::string what;
    std::size_t count = 0;
    words >> what >> count;
    if (what == "latency") return client.round_trip_us(count);
    return client.rate(count, what == "text" ? text_bytes : 0);
  }
  double tell(const std::string& what, std::size_t count) {
    return client_.tell_all(what + " " + std::to_string(count)).front();
  }

  server_process server_;
  client_crew client_;
};

}  // namespace

std::vector<measurement> caf_messages(const settings& how) {
  const std::size_t trips = how.smoke ? 20 : 2'000;
  const std::size_t messages = how.smoke ? 500 : 100'000;
  const std::size_t texts = how.smoke ? 100 : 20'000;
  const int repetitions = how.smoke ? 1 : 7;
  const daemon_cluster cluster{how, 1};
  pair_of_programs ours{caf_carrier::fabric, cluster.file()};
  pair_of_programs io{caf_carrier::io, cluster.file()};
  pair_of_programs stealing{caf_carrier::io_stealing, cluster.file()};
  raw_echo raw{true};

  std::vector<measurement> all;
  using way = double (pair_of_programs::*)(std::size_t);
  const auto measure = [&](const std::string& figure, const char* unit, way one, std::size_t count,
                           const std::optional<aim>& wanted) {
    paired to_io;
    paired to_stealing;
    for (auto* pair : {&ours, &io, &stealing}) (pair->*one)(count / 10);
    for (int i = 0; i < repetitions; ++i) {
      to_io.floor.push_back((io.*one)(count));
      to_stealing.floor.push_back((stealing.*one)(count));
      to_io.ours.push_back((ours.*one)(count));
      to_stealing.ours.push_back(to_io.ours.back());
    }
    measurement m{.case_name = "caf_messages", .figure = figure, .unit = unit, .wanted = wanted};
    auto beside_io = m;
    fill(beside_io, to_io);
    beside_io.floor_name = "caf::io without encryption, policy sharing";
    auto beside_stealing = m;
    fill(beside_stealing, to_stealing);
    beside_stealing.floor_name = "caf::io without encryption, its default policy";
    all.push_back(beside_io);
    all.push_back(beside_stealing);
  };
  measure("request and response, p50", "us", &pair_of_programs::round_trip_us, trips, latency_aim);
  all[0].extra["sleeps of threads each"] = ours.sleeps_each(trips);
  all[0].extra["sleeps of threads each, caf::io"] = io.sleeps_each(trips);
  auto beside_raw = all.front();
  fill(beside_raw, take_in_turn(
                       repetitions, [&] { return median(raw.round_trips(trips)); },
                       [&] { return ours.round_trip_us(trips); }));
  beside_raw.floor_name = "libzmq p50 with CURVE";
  beside_raw.wanted.reset();
  all.push_back(beside_raw);
  measure("messages one way", "messages/s", &pair_of_programs::rate, messages, rate_aim);
  measure("messages of 1 KiB one way", "messages/s", &pair_of_programs::text_rate, texts,
          std::nullopt);
  return all;
}

}  // namespace fabric::bench
