#include <future>
#include <sstream>

#include "bench/harness/actor_client.hpp"
#include "bench/harness/bench_case.hpp"
#include "bench/harness/beside_raw.hpp"
#include "bench/harness/client_crew.hpp"
#include "bench/harness/daemon_cluster.hpp"
#include "bench/harness/program.hpp"
#include "bench/harness/ray.hpp"
#include "bench/harness/sample.hpp"
#include "bench/harness/thread_queue.hpp"
#include "fabric/fabric.hpp"

namespace fabric::bench {

namespace {

constexpr std::size_t parties = 4;  ///< n, of 1:n and n:n
constexpr unsigned cpus = 8;
constexpr std::size_t window = 4096;
constexpr std::size_t text_bytes = 1024;
constexpr std::uint32_t pending_max = 10'000;
constexpr aim round_trip_aim{aim::measure::ratio, aim::side::at_most, 1.5};
constexpr aim rate_aim{aim::measure::ratio, aim::side::at_least, 0.8};

struct sizes {
  explicit sizes(const settings& how)
      : repetitions(how.smoke ? 1 : 5),
        round_trips(how.smoke ? 20 : 1'000),
        raw(how.smoke ? 200 : 50'000),
        calls(how.smoke ? 500 : 50'000),
        small_actors(how.smoke ? 20 : 1'000),
        processes(how.smoke ? 2 : 10) {}

  int repetitions;
  std::size_t round_trips;
  std::size_t raw;
  std::size_t calls;
  std::size_t small_actors;
  std::size_t processes;
};

measurement figure(const std::string& name, const char* unit) {
  return {.case_name = "actor_calls", .figure = name, .unit = unit};
}

std::string name_of_party(std::size_t i) { return "party " + std::to_string(i); }

/// Each in a process of its own.
std::vector<actor<adder>> spawn_parties(session& s) {
  std::vector<actor<adder>> all;
  for (std::size_t i = 0; i < parties; ++i)
    all.push_back(
        s.spawn<adder>({.name = name_of_party(i), .cpus = 1, .pending_max = pending_max}));
  return all;
}

std::vector<measurement> one_client(const sizes& n, const beside_raw& beside, session& s,
                                    const std::vector<actor<adder>>& many) {
  actor_client one{{s.spawn<adder>({.pending_max = pending_max})}};
  actor_client wide{{s.spawn<adder>({.pending_max = pending_max, .concurrency = 16})}};
  actor_client all_parties{many};
  std::vector<measurement> all;

  auto sync = figure("1:1, one call at a time, p50", "us");
  sync.wanted = round_trip_aim;
  sync.published = ray::as_us(ray::actor_calls_sync_1_1());
  append(all, beside.round_trips(
                  sync, n.round_trips, [] {}, [&] { return one.round_trips(n.round_trips); }));

  auto async = figure("1:1, calls, then gets", "calls/s");
  async.wanted = rate_aim;
  async.published = ray::actor_calls_async_1_1();
  append(all, beside.rates(async, n.raw, window, [&] { return one.rate(n.calls); }));

  auto concurrent = figure("1:1, 16 at a time, calls, then gets", "calls/s");
  concurrent.published = ray::actor_calls_concurrent_1_1();
  append(all, beside.rates(concurrent, n.raw, window, [&] { return wide.rate(n.calls); }));

  auto spread = figure("1:" + std::to_string(parties) + ", calls, then gets", "calls/s");
  spread.published = ray::actor_calls_async_1_n();
  append(all, beside.rates(spread, n.raw, window, [&] { return all_parties.rate(n.calls); }));

  append(all, beside.rates(figure("1:1, calls with 1 KiB, then gets", "calls/s"), n.raw, window,
                           [&] { return one.rate(n.calls / 5, text_bytes); }));
  return all;
}

/// What a client of the crew does: `raw N`, `async N` or `text N`.
client_crew::client make_client(const daemon_cluster& cluster, raw_pair& raw) {
  struct own_parts {
    session s;
    actor_client calls;
  };
  auto own = std::make_shared<std::unique_ptr<own_parts>>();
  return [&cluster, &raw, own](const std::string& order) {
    std::istringstream words{order};
    std::string what;
    std::size_t count = 0;
    words >> what >> count;
    if (what == "raw") return raw.curve.rate(count, window);
    if (!*own) {
      auto s = init({.cluster = cluster.file()});
      std::vector<actor<adder>> found;
      for (std::size_t i = 0; i < parties; ++i)
        found.push_back(s.find_actor<adder>(name_of_party(i), {}, std::chrono::seconds{20}));
      *own = std::make_unique<own_parts>(own_parts{std::move(s), actor_client{std::move(found)}});
    }
    return (*own)->calls.rate(count, what == "text" ? text_bytes : 0);
  };
}

std::vector<measurement> many_clients(const sizes& n, client_crew& crew) {
  const auto together = [&crew](const std::string& what, std::size_t count) {
    const auto start = timer::now();
    crew.tell_all(what + " " + std::to_string(count));
    return static_cast<double>(count * parties) / seconds_since(start);
  };
  const auto measure = [&](const std::string& name, const char* what, std::size_t count,
                           const published_figure& published) {
    together(what, 100);  // opens sessions and finds actors
    auto m = figure(name, "calls/s");
    fill(m, take_in_turn(
                n.repetitions, [&] { return together("raw", n.raw); },
                [&] { return together(what, count); }));
    m.floor_name = "libzmq with CURVE, as many clients of one ROUTER";
    m.published = published;
    return m;
  };
  const auto who = std::to_string(parties) + ":" + std::to_string(parties);
  return {measure(who + ", calls, then gets", "async", n.calls, ray::actor_calls_async_n_n()),
          measure(who + ", calls with 1 KiB, then gets", "text", n.calls / 5,
                  ray::actor_calls_with_arg_async_n_n())};
}

/// New actors per second: spawned, and called once each.
double create(session& s, std::size_t count, const actor_options& how) {
  std::vector<actor<adder>> made;
  std::vector<future<int>> answers;
  const auto start = timer::now();
  for (std::size_t i = 0; i < count; ++i) {
    made.push_back(s.spawn<adder>(how));
    answers.push_back(made.back().call(&adder::add, 1));
  }
  for (const auto& one : answers) require(one.get() == 1, "a new actor is not new");
  const double taken = seconds_since(start);
  for (const auto& one : made) one.kill();
  return static_cast<double>(count) / taken;
}

double start_processes(std::size_t count) {
  const auto start = timer::now();
  for (std::size_t i = 0; i < count; ++i)
    require(program{{"/bin/true"}, {}}.wait() == 0, "/bin/true failed");
  return static_cast<double>(count) / seconds_since(start);
}

std::vector<measurement> creation(const sizes& n, raw_pair& raw, session& s) {
  auto small = figure("creation, in a shared process", "actors/s");
  small.published = ray::many_actors();
  fill(small, take_in_turn(
                  n.repetitions, [&] { return raw.curve.rate(n.small_actors, window); },
                  [&] { return create(s, n.small_actors, {}); }));
  small.floor_name = "libzmq requests/s with CURVE";
  auto large = figure("creation, in a process each", "actors/s");
  large.published = ray::many_actors();
  fill(large, take_in_turn(
                  n.repetitions, [&] { return start_processes(n.processes); },
                  [&] { return create(s, n.processes, {.cpus = 0.1}); }));
  large.floor_name = "/bin/true, one by one";
  return {small, large};
}

std::vector<measurement> in_this_process(const sizes& n, const settings& how) {
  session s = init({.cpus = 2});
  actor_client one{{s.spawn<adder>({.pending_max = pending_max})}};
  thread_queue queue{1};
  int sum = 0;  // of the queue's thread
  const auto asked = [&] {
    std::promise<int> done;
    queue.push([&] { done.set_value(++sum); });
    return done.get_future().get();
  };
  auto sync = figure("in this process, one call at a time, p50", "us");
  fill(sync, take_in_turn(
                 n.repetitions,
                 [&] {
                   std::vector<double> taken;
                   for (std::size_t i = 0; i < n.round_trips; ++i) {
                     const auto start = timer::now();
                     asked();
                     taken.push_back(seconds_since(start) * 1e6);
                   }
                   return median(taken);
                 },
                 [&] { return median(one.round_trips(n.round_trips)); }));
  sync.floor_name = "std::function by a queue to a thread, and its std::future";
  auto async = figure("in this process, calls, then gets", "calls/s");
  const std::size_t calls = how.smoke ? 500 : 100'000;
  fill(async, take_in_turn(
                  n.repetitions,
                  [&] {
                    const auto start = timer::now();
                    for (std::size_t i = 1; i < calls; ++i) queue.push([&sum] { ++sum; });
                    asked();
                    return static_cast<double>(calls) / seconds_since(start);
                  },
                  [&] { return one.rate(calls); }));
  async.floor_name = "std::functions by a queue to a thread";
  return {sync, async};
}

}  // namespace

std::vector<measurement> actor_calls(const settings& how) {
  const sizes n{how};
  // All that forks comes before all that starts threads.
  raw_pair raw;
  const daemon_cluster cluster{how, cpus};
  client_crew crew{parties, [&](std::size_t) { return make_client(cluster, raw); }};

  const beside_raw beside{raw, n.repetitions, [&cluster] { return cluster.processes(); }};
  auto s = init({.cluster = cluster.file()});
  const auto many = spawn_parties(s);
  auto all = one_client(n, beside, s, many);
  append(all, many_clients(n, crew));
  append(all, creation(n, raw, s));
  append(all, in_this_process(n, how));
  return all;
}

}  // namespace fabric::bench
