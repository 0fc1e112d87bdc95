#include <unistd.h>

#include <fstream>
#include <numeric>
#include <sstream>
#include <thread>

#include "bench/harness/beside_raw.hpp"
#include "bench/harness/call_client.hpp"
#include "bench/harness/called.hpp"
#include "bench/harness/client_crew.hpp"
#include "bench/harness/daemon_cluster.hpp"
#include "bench/harness/machine.hpp"
#include "bench/harness/ray.hpp"
#include "bench/harness/sample.hpp"
#include "fabric/when.hpp"

namespace fabric::bench {

namespace {

constexpr unsigned workers = 2;     ///< of the one client
constexpr std::size_t clients = 4;  ///< as many as Ray's benchmark has, each with a worker
constexpr std::size_t window = 4096;
constexpr double start_seconds_max = 60;
constexpr aim round_trip_aim{aim::measure::ratio, aim::side::at_most, 2.5};
constexpr aim rate_aim{aim::measure::ratio, aim::side::at_least, 0.6};
constexpr aim memory_aim{aim::measure::value, aim::side::at_most, 400};

struct sizes {
  explicit sizes(const settings& how)
      : repetitions(how.smoke ? 1 : 5),
        round_trips(how.smoke ? 20 : 1'000),
        raw(how.smoke ? 200 : 50'000),
        calls(how.smoke ? 500 : 50'000),
        dependencies(how.smoke ? 100 : 10'000),
        queued(how.smoke ? 1'000 : 1'000'000) {}

  int repetitions;
  std::size_t round_trips;
  std::size_t raw;
  std::size_t calls;
  std::size_t dependencies;
  std::size_t queued;
};

measurement figure(const std::string& name, const char* unit) {
  return {.case_name = "cluster_calls", .figure = name, .unit = unit};
}

/// Ray's list of one client.
std::vector<measurement> one_client(const sizes& n, const beside_raw& beside, call_client& client) {
  std::vector<measurement> all;
  auto sync = figure("one client, one call at a time, p50", "us");
  sync.wanted = round_trip_aim;
  sync.published = ray::as_us(ray::single_client_tasks_sync());
  append(all, beside.round_trips(
                  sync, n.round_trips, [&] { client.warm_up(); },
                  [&] { return client.round_trips(n.round_trips); }));

  auto submits = figure("one client, submits, then gets", "calls/s");
  submits.wanted = rate_aim;
  submits.published = ray::single_client_tasks_async();
  append(all, beside.rates(submits, n.raw, window, [&] {
    client.warm_up();
    return client.submit_rate(n.calls);
  }));

  auto mapped = figure("one client, one map", "calls/s");
  mapped.wanted = rate_aim;
  mapped.published = ray::single_client_tasks_async();
  append(all, beside.rates(mapped, n.raw, window, [&] {
    client.warm_up();
    return client.map_rate(n.calls);
  }));

  constexpr std::size_t batch = 1'000;
  constexpr std::size_t batches = 20;
  auto batched = figure("one client, batches of 1,000 submits and gets", "batches/s");
  batched.published = ray::single_client_tasks_and_get_batch();
  paired taken;
  for (int i = 0; i < n.repetitions; ++i) {
    double raw = 0;
    double ours = 0;
    client.warm_up();
    for (std::size_t k = 0; k < batches; ++k) {
      raw += static_cast<double>(batch) / beside.raw.curve.rate(batch, batch);
      ours += static_cast<double>(batch) / client.submit_rate(batch);
    }
    taken.floor.push_back(batches / raw);
    taken.ours.push_back(batches / ours);
  }
  fill(batched, taken);
  batched.floor_name = "libzmq with CURVE, batches of 1,000";
  all.push_back(batched);
  return all;
}

/// What a client of the crew does: `raw N`, `sync N` or `async N`.
client_crew::client make_client(const daemon_cluster& cluster, raw_pair& raw, const settings& how) {
  auto own = std::make_shared<std::unique_ptr<call_client>>();
  return [&cluster, &raw, how, own](const std::string& order) {
    std::istringstream words{order};
    std::string what;
    std::size_t count = 0;
    words >> what >> count;
    if (what == "raw") return raw.curve.rate(count, window);
    if (what == "raw-sync") return median(raw.curve.round_trips(count));
    if (!*own) *own = std::make_unique<call_client>(cluster.file(), how);
    if (what == "warm") (*own)->warm_up();
    if (what == "sync") return median((*own)->round_trips(count));
    if (what == "async") return (*own)->submit_rate(count);
    return 0.0;
  };
}

/// Results per second of all clients together.
double together(client_crew& crew, const std::string& what, std::size_t count) {
  const auto start = timer::now();
  crew.tell_all(what + " " + std::to_string(count));
  return static_cast<double>(count * clients) / seconds_since(start);
}

std::vector<measurement> many_clients(const sizes& n, client_crew& crew) {
  const auto measure = [&](measurement m, const char* raw, const char* ours, std::size_t count) {
    fill(m, take_in_turn(
                n.repetitions, [&] { return together(crew, raw, count); },
                [&] {
                  crew.tell_all("warm");
                  return together(crew, ours, count);
                }));
    m.floor_name = "libzmq with CURVE, as many clients of one ROUTER";
    return m;
  };
  const auto who = std::to_string(clients) + " clients, ";
  auto async = figure(who + "submits, then gets", "calls/s");
  async.published = ray::multi_client_tasks_async();
  return {measure(figure(who + "one call at a time each", "calls/s"), "raw-sync", "sync",
                  n.round_trips),
          measure(async, "raw", "async", n.calls)};
}

measurement many_dependencies(const sizes& n, call_client& client) {
  auto m = figure("a call after " + std::to_string(n.dependencies) + " others", "s");
  m.published = ray::args_10k();
  std::vector<int> given(n.dependencies);
  std::iota(given.begin(), given.end(), 0);
  std::vector<double> taken;
  for (int i = 0; i < n.repetitions; ++i) {
    client.warm_up();
    const auto start = timer::now();
    call_options how;
    for (const auto& one : client.own().map(twice, given)) how.after.emplace_back(one);
    const int answer = client.own().submit(how, twice, 21).get();
    taken.push_back(seconds_since(start));
    require(answer == 42, "a call gave another result");
  }
  fill(m, taken);
  return m;
}

/// Submits calls, and takes up each as it is over.
measurement many_waits(const sizes& n, call_client& client) {
  constexpr int count = 1'000;
  auto m = figure("1,000 futures as they complete", "rounds/s");
  m.published = ray::wait_1k_references();
  std::vector<double> taken;
  for (int i = 0; i < n.repetitions; ++i) {
    client.warm_up();
    const auto start = timer::now();
    std::vector<future<int>> all;
    for (int k = 0; k < count; ++k) all.push_back(client.own().submit(twice, 1));
    int sum = 0;
    for (const auto& one : as_completed(all)) sum += one.get();
    taken.push_back(1 / seconds_since(start));
    require(sum == 2 * count, "results are missing");
  }
  fill(m, taken);
  return m;
}

/// Queues the calls behind one that holds all CPUs, lets it go, and awaits all.
std::vector<measurement> many_queued(const sizes& n, const daemon_cluster& cluster,
                                     call_client& client) {
  const auto let_go = cluster.folder() + "/let-go";
  auto& session = client.own();
  const double head_before = cluster.resident_mb();
  const double client_before = megabytes_of(getpid(), "VmRSS");
  const auto held = session.submit({.cpus = workers}, wait_for_file, let_go);
  const auto asked = timer::now();
  while (held.status() != call_status::running) {
    require(seconds_since(asked) < start_seconds_max, "a call did not start in time");
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }

  const auto start = timer::now();
  std::vector<future<int>> all;
  all.reserve(n.queued);
  for (std::size_t i = 0; i < n.queued; ++i)
    all.push_back(session.submit(twice, static_cast<int>(i % 1'000)));
  const double queueing = seconds_since(start);
  const double head_mb = cluster.resident_mb();
  const double client_mb = megabytes_of(getpid(), "VmRSS");
  std::ofstream{let_go};
  std::size_t right = 0;
  for (std::size_t i = 0; i < n.queued; ++i)
    if (all[i].get() == 2 * static_cast<int>(i % 1'000)) ++right;
  const double taken = seconds_since(start);
  require(right == n.queued, "results are missing");

  const auto many = std::to_string(n.queued) + " queued calls";
  auto seconds = figure(many + ", until all results are here", "s");
  fill(seconds, std::vector<double>{taken});
  seconds.published = ray::queued_1m();
  seconds.extra["to queue them"] = queueing;
  auto in_client = figure(many + ", resident memory of the client", "MB");
  fill(in_client, std::vector<double>{client_mb});
  in_client.wanted = memory_aim;
  in_client.extra["more than before"] = client_mb - client_before;
  auto in_head = figure(many + ", resident memory of the head", "MB");
  fill(in_head, std::vector<double>{head_mb});
  in_head.wanted = memory_aim;
  in_head.extra["more than before"] = head_mb - head_before;
  return {seconds, in_client, in_head};
}

}  // namespace

std::vector<measurement> cluster_calls(const settings& how) {
  const sizes n{how};
  // All that forks comes before all that starts threads.
  raw_pair raw;
  const daemon_cluster small{how, workers};
  const daemon_cluster large{how, static_cast<unsigned>(clients)};
  client_crew crew{clients, [&](std::size_t) { return make_client(large, raw, how); }};

  const beside_raw beside{raw, n.repetitions, [&small] { return small.processes(); }};
  call_client client{small.file(), how};
  auto all = one_client(n, beside, client);
  append(all, many_clients(n, crew));
  all.push_back(many_waits(n, client));
  all.push_back(many_dependencies(n, client));
  append(all, many_queued(n, small, client));
  return all;
}

}  // namespace fabric::bench
