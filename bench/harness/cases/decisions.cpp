#include <malloc.h>

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/sample.hpp"
#include "scheduler/engine.hpp"

namespace fabric::bench {

namespace {

using namespace fabric::scheduler;

constexpr std::int64_t cpus_of_a_node = 4;
constexpr std::size_t payload_bytes = 100;

struct load_shape {
  std::size_t nodes = 0;
  std::size_t queued = 0;
  bool as_array = true;
};

std::size_t heap_bytes() { return mallinfo2().uordblks; }

/// A scheduler with every node full and `queued` tasks waiting. Time stands still, so that what is
/// timed is decisions alone.
class full_scheduler {
 public:
  full_scheduler(const load_shape& shape, std::uint64_t seed)
      : core_(scheduler::settings{.seed = seed}) {
    for (std::uint64_t node = 1; node <= shape.nodes; ++node) join(node);
    const auto slots = shape.nodes * static_cast<std::size_t>(cpus_of_a_node);
    submit(slots, true);
    require(held_.size() == slots, "the nodes are not full");
    const auto before = heap_bytes();
    submit(shape.queued, shape.as_array);
    bytes_per_task_ =
        static_cast<double>(heap_bytes() - before) / static_cast<double>(shape.queued);
    require(core_.count().waiting == shape.queued, "another number of tasks is queued");
  }

  /// Ends the attempt that runs the longest, as its node would report it, and takes the grant that
  /// follows. Microseconds.
  double decide() {
    const auto [node, id] = held_.front();
    held_.pop_front();
    const event_type ended = event::attempt_ended{node, id, ending::succeeded, ""};
    const auto start = timer::now();
    const auto commands = core_.step(ended, at_);
    const double taken = seconds_since(start) * 1e6;
    const auto before = held_.size();
    keep_grants(commands);
    require(held_.size() == before + 1, "an end was not followed by one grant");
    return taken;
  }

  [[nodiscard]] double bytes_per_task() const { return bytes_per_task_; }
  [[nodiscard]] std::uint64_t granted() const { return core_.count().granted; }

 private:
  void join(std::uint64_t node) {
    core_.step(event::node_joined{node_id{node},
                                  session_id{node},
                                  incarnation_id{1},
                                  "boot",
                                  "node-" + std::to_string(node),
                                  {.amounts = {{std::string{cpu}, units(cpus_of_a_node)}}},
                                  {},
                                  at_},
               at_);
  }

  void submit(std::size_t tasks, bool as_array) {
    scheduler::job what{.payload = std::string(payload_bytes, 'x'),
                        .needs = {.amounts = {{std::string{cpu}, units(1)}}},
                        .count = as_array ? static_cast<std::uint32_t>(tasks) : 1,
                        .is_array = as_array};
    for (std::size_t i = 0; i < (as_array ? 1 : tasks); ++i)
      keep_grants(
          core_.step(event::job_submitted{{}, std::make_shared<const scheduler::job>(what)}, at_));
  }

  void keep_grants(const std::vector<command_type>& commands) {
    for (const auto& one : commands)
      if (const auto* grant = std::get_if<command::grant>(&one))
        held_.emplace_back(grant->node, grant->id);
  }

  engine core_;
  instant at_{std::chrono::seconds{1000}};
  std::deque<std::pair<node_id, attempt_id>> held_;
  double bytes_per_task_ = 0;
};

measurement measure(const bench::settings& how, const load_shape& shape) {
  full_scheduler loaded{shape, how.seed};
  const std::size_t count = how.smoke ? 200 : 40'000;
  std::vector<double> rates;
  std::vector<double> taken;
  taken.reserve(count * 5);
  const auto before = loaded.granted();
  for (int i = 0; i < (how.smoke ? 1 : 5); ++i) {
    const double start = thread_seconds();
    for (std::size_t n = 0; n < count; ++n) taken.push_back(loaded.decide());
    rates.push_back(static_cast<double>(count) / (thread_seconds() - start));
  }
  require(loaded.granted() == before + taken.size(), "grants were counted wrongly");
  measurement m{.case_name = "decisions",
                .figure = std::to_string(shape.nodes) + " nodes, " +
                          (shape.as_array ? "one array" : "single tasks"),
                .unit = "decisions/s"};
  fill(m, rates);
  m.p99 = percentile(taken, 0.99);
  m.p99_unit = "us";
  m.extra["p50 us"] = median(taken);
  m.extra["queued tasks"] = static_cast<double>(shape.queued);
  m.extra["bytes per queued task"] = loaded.bytes_per_task();
  return m;
}

measurement memory_of(const measurement& of, std::size_t queued) {
  const auto bytes = of.extra.at("bytes per queued task");
  measurement m{.case_name = "decisions",
                .figure = "memory of 1 M queued single tasks",
                .unit = "MB",
                .value = bytes,
                .lowest = bytes,
                .highest = bytes,
                .wanted = aim{aim::measure::value, aim::side::at_most, 400}};
  m.extra["measured with"] = static_cast<double>(queued);
  return m;
}

}  // namespace

std::vector<measurement> decisions(const bench::settings& how) {
  const std::size_t queued = how.smoke ? 10'000 : 1'000'000;
  const auto sizes = how.smoke ? std::vector<std::size_t>{10, 100}
                               : std::vector<std::size_t>{10, 100, 1'000, 10'000};
  std::vector<measurement> all;
  for (const bool as_array : {true, false}) {
    std::optional<double> fewest;
    for (const auto nodes : sizes) {
      auto m = measure(how, {nodes, queued, as_array});
      if (fewest) {
        m.floor = fewest;
        m.floor_name = std::to_string(sizes.front()) + " nodes";
        m.ratio = m.value / *fewest;
        m.wanted = aim{aim::measure::ratio, aim::side::at_least, 0.5};
      } else {
        fewest = m.value;
      }
      all.push_back(std::move(m));
    }
  }
  all.push_back(memory_of(all.back(), queued));
  return all;
}

}  // namespace fabric::bench
