#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <sstream>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/call_client.hpp"
#include "bench/harness/client_crew.hpp"
#include "bench/harness/daemon_cluster.hpp"
#include "bench/harness/raw_echo.hpp"
#include "bench/harness/sample.hpp"

namespace fabric::bench {

namespace {

constexpr std::size_t window = 4096;
constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

measurement figure(const std::string& line, const std::string& along, double x,
                   const std::string& x_text, const char* unit) {
  return {.case_name = "growth",
          .figure = line + ", " + x_text,
          .unit = unit,
          .point = curve_point{line, along, x}};
}

/// One client and more and more worker processes.
void grow_workers(const settings& how, raw_echo& raw, std::vector<measurement>& all) {
  const auto steps = how.smoke ? std::vector<unsigned>{1, 2} : std::vector<unsigned>{1, 2, 4, 8};
  const std::size_t calls = how.smoke ? 500 : 100'000;
  for (const auto workers : steps) {
    const daemon_cluster cluster{how, workers};
    call_client client{cluster.file(), how};
    auto m = figure("one map of calls", "worker processes", workers,
                    std::to_string(workers) + " worker processes", "calls/s");
    fill(m, take_in_turn(
                how.smoke ? 1 : 5, [&] { return raw.rate(calls, window); },
                [&] {
                  client.warm_up();
                  return client.map_rate(calls);
                }));
    m.floor_name = "libzmq with CURVE, one client";
    all.push_back(m);
  }
}

/// What a client of the crew does: `raw N`, `open N FILE`, `warm N`, `async N`, `close`.
client_crew::client make_client(raw_echo& raw, const settings& how) {
  auto own = std::make_shared<std::unique_ptr<call_client>>();
  return [&raw, how, own](const std::string& order) {
    std::istringstream words{order};
    std::string what;
    std::string file;
    std::size_t count = 0;
    words >> what >> count >> file;
    if (what == "raw") return raw.rate(count, window);
    if (what == "close") {
      own->reset();
      return 0.0;
    }
    if (what == "open") {
      *own = std::make_unique<call_client>(file, how);
      return 0.0;
    }
    if (what == "warm") {
      (*own)->warm_up();
      return 0.0;
    }
    return (*own)->submit_rate(count);
  };
}

/// More and more clients, each with a worker process.
void grow_clients(const settings& how, client_crew& crew, const std::vector<std::size_t>& steps,
                  std::vector<measurement>& all) {
  for (const auto clients : steps) {
    const std::size_t each = (how.smoke ? 200 : 64'000) / clients;
    const daemon_cluster cluster{how, static_cast<unsigned>(clients)};
    const auto together = [&](const std::string& what) {
      const auto start = timer::now();
      crew.tell(clients, what + " " + std::to_string(each));
      return static_cast<double>(each * clients) / seconds_since(start);
    };
    // All at once they would be refused: a head that does not answer within two seconds counts as
    // one that is not there.
    crew.tell_in_turn(clients, "open 0 " + cluster.file());
    auto m = figure("submits of all clients", "clients", static_cast<double>(clients),
                    std::to_string(clients) + " clients", "calls/s");
    fill(m, take_in_turn(
                how.smoke ? 1 : 3, [&] { return together("raw"); },
                [&] {
                  together("warm");
                  return together("async");
                }));
    m.floor_name = "libzmq with CURVE, as many clients of one ROUTER";
    all.push_back(m);
    crew.tell(clients, "close");  // while there is still a head to say goodbye to
  }
}

std::string size_text(std::size_t bytes) {
  return bytes >= mib ? std::to_string(bytes / mib) + " MiB" : std::to_string(bytes / kib) + " KiB";
}

/// One call at a time that carries more and more.
void grow_payload(const settings& how, raw_echo& raw, std::vector<measurement>& all) {
  const auto steps = how.smoke
                         ? std::vector<std::size_t>{kib, 64 * kib}
                         : std::vector<std::size_t>{kib, 16 * kib, 256 * kib, 4 * mib, 16 * mib};
  const daemon_cluster cluster{how, 1};
  call_client client{cluster.file(), how};
  for (const auto bytes : steps) {
    const std::size_t count = how.smoke ? 3 : std::clamp<std::size_t>(64 * mib / bytes, 3, 500);
    auto m = figure("argument and result", "KiB", static_cast<double>(bytes) / kib,
                    size_text(bytes) + " there and back, p50", "us");
    fill(m, take_in_turn(
                how.smoke ? 1 : 3, [&] { return median(raw.round_trips(count, bytes)); },
                [&] {
                  client.warm_up();
                  return median(client.round_trips_of(bytes, count));
                }));
    m.floor_name = "libzmq p50 with CURVE";
    m.extra["MiB/s"] = 2 * static_cast<double>(bytes) / static_cast<double>(mib) / m.value * 1e6;
    all.push_back(m);
  }
}

}  // namespace

std::vector<measurement> growth(const settings& how) {
  const auto steps =
      how.smoke ? std::vector<std::size_t>{1, 2} : std::vector<std::size_t>{1, 2, 4, 16, 64};
  raw_echo raw{true};
  client_crew crew{steps.back(), [&](std::size_t) { return make_client(raw, how); }};
  std::vector<measurement> all;
  grow_clients(how, crew, steps, all);
  grow_workers(how, raw, all);
  grow_payload(how, raw, all);
  return all;
}

}  // namespace fabric::bench
