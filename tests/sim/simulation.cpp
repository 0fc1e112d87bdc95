#include "tests/sim/simulation.hpp"

#include <exception>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

#include "resources/check.hpp"
#include "tests/sim/nemesis.hpp"

namespace fabric::sim {

using namespace std::chrono_literals;

namespace {

struct claim_broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void throw_claim(const char* file, int line, const char* claim) {
  throw claim_broken(std::string(file) + ":" + std::to_string(line) + ": " + claim);
}

climate climate_of(const options& how) {
  dice d(how.seed * 4);
  climate c;
  c.seed = how.seed;
  c.trouble = std::chrono::minutes{how.minutes};
  c.lease = std::vector<duration>{3s, 5s, 10s, 20s}[d.below(4)];
  c.heartbeat = std::min<duration>(2s, c.lease / 5);
  c.kill_longest = 500ms;
  c.margin = 1s + c.lease / 1000 + c.kill_longest;
  c.nodes = static_cast<std::uint32_t>(d.between(2, 4));
  c.jobs = static_cast<std::uint32_t>(d.between(3, 10));
  c.points = static_cast<std::uint32_t>(2 * d.between(2, 8));
  return c;
}

capacity capacity_of(std::uint32_t number, dice& d) {
  capacity c;
  // The first one can run everything, so that nothing waits for a node that never comes.
  const auto gpus = number == 1 ? 2 : d.between(0, 2);
  c.amounts = resource_set{{"cpu", units(number == 1 ? 4 : d.between(1, 4))}};
  if (gpus > 0) c.amounts.set(gpu, units(gpus));
  for (std::int64_t i = 0; i < gpus; ++i) c.gpu_ids.push_back(std::to_string(i));
  return c;
}

class stage {
 public:
  explicit stage(const options& how)
      : how_(how),
        w_(climate_of(how), how.verbose),
        dice_(how.seed * 4 + 2),
        head_(w_, dice_.next()),
        client_(w_, 1000, dice_.next()),
        tuner_(w_, 1001, dice_.next()) {
    for (std::uint32_t i = 1; i <= w_.how.nodes; ++i)
      nodes_.push_back(std::make_unique<node>(w_, i, capacity_of(i, dice_), dice_.next()));
    nemesis_ =
        std::make_unique<nemesis>(w_, cast{&head_, &nodes_, &client_, &tuner_}, dice_.next());
  }

  verdict run() {
    head_.start();
    for (const auto& n : nodes_) n->boot();
    client_.start();
    tuner_.start();
    const instant healed{w_.how.trouble};
    nemesis_->run_until(healed);
    play_until(healed + 1us);
    const instant end = healed + patience();
    while (w_.judge.finding().empty() && w_.time.now() < end && !is_all_done()) {
      play_until(std::min(end, w_.time.now() + 1s));
      if (w_.time.now() > healed + w_.how.lease + 10s) demand_that_cancels_stop();
    }
    if (!is_all_done()) w_.judge.object("after healing: " + what_is_missing());
    return sum_up();
  }

 private:
  void play_until(instant end) {
    while (w_.judge.finding().empty() && w_.time.run_next(end)) {
    }
  }

  /// How long all that is left may take one after the other, retries and their waits included.
  [[nodiscard]] duration patience() const {
    duration left = w_.how.lease + w_.how.margin + 10s;
    const duration longest = w_.how.lease * 2 + 5s;
    std::size_t tries = w_.how.points * 2;
    for (const auto& [id, job] : w_.store.jobs())
      tries += job.what->count * (job.what->retry.retries_max + job.what->retry.poison_after + 1);
    tries += w_.how.jobs * 5 * 6;
    return left + longest * static_cast<std::int64_t>(tries) / 2;
  }

  [[nodiscard]] bool is_all_done() const { return what_is_missing().empty(); }

  [[nodiscard]] std::string what_is_missing() const {
    for (const auto& [id, job] : w_.store.jobs())
      if (!job.is_done()) return "job " + to_string(id) + " is not done";
    if (!tuner_.is_done())
      return "the study is not exhausted: " + std::to_string(w_.judge.complete_points()) + " of " +
             std::to_string(w_.how.points) + " points are complete";
    if (w_.judge.complete_points() != w_.how.points)
      return "the study is exhausted with " + std::to_string(w_.judge.complete_points()) + " of " +
             std::to_string(w_.how.points) + " points complete";
    for (const auto& n : nodes_)
      if (!n->holds_nothing()) return "node " + to_string(n->id()) + " still holds an attempt";
    if (!client_.is_done()) return "the client does not know the end of a job";
    return {};
  }

  /// Where everything can be reached, what is cancelled is gone within its grace and a little more.
  void demand_that_cancels_stop() {
    constexpr duration patience = 10s;
    for (const auto& [id, job] : w_.store.jobs()) {
      if (!job.cancelled || job.is_done()) {
        cancelled_since_.erase(id);
        continue;
      }
      const auto since = cancelled_since_.emplace(id, w_.time.now()).first->second;
      if (w_.time.now() - since > patience)
        w_.judge.object("job " + to_string(id) + " is cancelled and still runs");
    }
  }

  [[nodiscard]] verdict sum_up() const {
    const auto ledger = w_.judge.count();
    verdict v;
    v.seed = how_.seed;
    v.finding = w_.judge.finding();
    v.lasted = w_.time.now().time_since_epoch();
    v.happenings = w_.time.happened();
    v.runs = ledger.runs;
    v.runs_without_result = ledger.runs_without_result;
    v.tasks = ledger.finals;
    v.points = w_.judge.complete_points();
    v.late_tells = tuner_.late_tells();
    v.packets = w_.net.count();
    if (const auto* core = head_.core()) v.stale_results = core->count().stale_results;
    return v;
  }

  options how_;
  world w_;
  dice dice_;
  head head_;
  submitter client_;
  tuner_client tuner_;
  std::vector<std::unique_ptr<node>> nodes_;
  std::unique_ptr<nemesis> nemesis_;
  std::map<job_id, instant> cancelled_since_;
};

}  // namespace

verdict simulate(const options& how) {
  const auto before = set_check_handler(throw_claim);
  verdict v;
  try {
    v = stage(how).run();
  } catch (const std::exception& broken) {
    v.seed = how.seed;
    v.finding = std::string("a claim of the code is false: ") + broken.what();
  }
  set_check_handler(before);
  return v;
}

}  // namespace fabric::sim
