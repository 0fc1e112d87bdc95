#include <random>

#include "tests/scheduler/engine_fixture.hpp"
#include "tests/scheduler/memory_store.hpp"

namespace fabric::scheduler {
namespace {

/// Throws events of every kind at a scheduler, sensible and not, with restarts from its own records
/// in between, and then lets a few honest nodes finish everything.
class storm {
 public:
  explicit storm(std::uint64_t seed) : dice_(seed), scheduler_(how()) {}

  void rage(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) throw_event();
  }

  void calm() {
    for (std::uint64_t node = 1; node <= 4; ++node) {
      now_ += 30s;
      step(event::node_joined{node_id{node},
                              session_id{++sessions_},
                              incarnation_id{1000 + node},
                              "calm",
                              "n",
                              big(),
                              {},
                              now_});
      session_of_[node] = session_id{sessions_};
    }
    for (int round = 0; round < 2000 && scheduler_.count().waiting + scheduler_.count().held > 0;
         ++round) {
      const instant next = scheduler_.next_wakeup();
      now_ = std::max(now_, std::min(next, now_ + 1s));
      for (std::uint64_t node = 1; node <= 4; ++node)
        step(event::node_heartbeat{node_id{node}, session_of_[node], now_});
      auto open = std::exchange(granted_, {});
      for (const auto& [id, node] : open)
        step(event::attempt_ended{node, id, ending::succeeded, "done"});
      step(event::ticked{});
      if (testing::Test::HasFailure()) return;
    }
    EXPECT_EQ(scheduler_.count().waiting, 0U);
    EXPECT_EQ(scheduler_.count().held, 0U);
    EXPECT_TRUE(scheduler_.jobs(10).empty());
  }

  /// How often each kind of command was seen.
  [[nodiscard]] const std::map<std::size_t, std::size_t>& seen() const { return seen_; }
  [[nodiscard]] counters count() const { return scheduler_.count(); }

 private:
  static settings how() {
    settings s;
    s.lease = 20s;
    s.starved_after = 15s;
    s.aging = 10s;
    return s;
  }
  static capacity big() {
    auto c = machine(16, 4);
    c.labels["zone"] = "lab";
    return c;
  }

  std::uint64_t roll(std::uint64_t sides) { return dice_() % sides; }
  bool chance(int percent) { return roll(100) < static_cast<std::uint64_t>(percent); }

  void step(const event_type& what) {
    feed(what);
    ASSERT_EQ(scheduler_.broken_invariant(), "");
    const instant next = scheduler_.next_wakeup();
    if (next > now_) return;
    // What is due at once must be done by ticking, or the shell would spin.
    for (int i = 0; i < 100 && scheduler_.next_wakeup() <= now_; ++i) feed(event::ticked{});
    ASSERT_GT(scheduler_.next_wakeup(), now_) << "is due for ever";
  }

  void feed(const event_type& what) {
    for (const auto& c : scheduler_.step(what, now_)) {
      if (const auto* p = std::get_if<command::persist>(&c)) store_.apply(p->what);
      if (const auto* g = std::get_if<command::grant>(&c)) granted_[g->id] = g->node;
      if (const auto* a = std::get_if<command::job_accepted>(&c))
        last_job_ = std::max(last_job_, a->id.value);
      ++seen_[c.index()];
    }
  }

  job any_job() {
    job j = chance(50) ? engine_fixture::single()
                       : engine_fixture::array(1 + static_cast<std::uint32_t>(roll(30)));
    j.first_index = j.is_array ? static_cast<std::uint32_t>(roll(3)) : 0;
    switch (roll(4)) {
      case 0: j.needs = cpus(static_cast<std::int64_t>(1 + roll(8))); break;
      case 1:
        j.needs = {
            {{"cpu", units(1)}, {"gpu", milli{250 * static_cast<std::int64_t>(1 + roll(4))}}}, {}};
        break;
      case 2:
        j.needs = {{{"cpu", milli{500}}}, {{"zone", label_condition::relation::equals, "lab"}}};
        break;
      default: j.needs = {{{"gpu", units(2)}}, {}}; break;
    }
    if (chance(40)) j.owner = program_id{1 + roll(3)};
    j.priority = static_cast<int>(roll(3));
    j.retry.retries_max = static_cast<std::uint32_t>(roll(3));
    if (chance(20)) j.key = "k" + std::to_string(roll(20));
    if (chance(10)) j.expires_after = std::chrono::seconds{1 + roll(60)};
    if (last_job_ > 0 && chance(25))
      j.after = {job_id{1 + roll(last_job_)}, job_id{1 + roll(last_job_)}};
    return j;
  }

  attempt_id any_attempt() {
    if (!granted_.empty() && chance(90)) {
      auto at = granted_.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(roll(granted_.size())));
      return at->first;
    }
    return {{job_id{roll(last_job_ + 2)}, static_cast<std::uint32_t>(roll(4))},
            static_cast<attempt_number>(roll(4))};
  }
  node_id holder_of(attempt_id id) {
    const auto known = granted_.find(id);
    return known != granted_.end() && chance(95) ? known->second : node_id{roll(7)};
  }

  void any_join() {
    const std::uint64_t node = 1 + roll(6);
    if (chance(20)) ++lives_[node];
    std::vector<event::held_attempt> holding;
    for (const auto& [id, at] : granted_)
      if (at == node_id{node} && chance(70)) holding.push_back({id, chance(20)});
    if (chance(5)) holding.push_back({any_attempt(), chance(50)});
    capacity has = chance(50)
                       ? machine(static_cast<std::int64_t>(1 + roll(8)), static_cast<int>(roll(3)))
                       : big();
    if (chance(3)) has.gpu_ids.emplace_back("extra");
    session_of_[node] = session_id{++sessions_};
    step(event::node_joined{node_id{node}, session_of_[node], incarnation_id{lives_[node]}, "b",
                            "n", std::move(has), std::move(holding), now_});
  }

  void throw_event() {
    if (chance(40)) now_ += std::chrono::milliseconds{roll(3000)};
    const std::uint64_t node = 1 + roll(6);
    const event::asker from{session_id{99}, request_id{1}};
    switch (roll(20)) {
      case 0:
      case 1: step(event::job_submitted{from, std::make_shared<const job>(any_job())}); break;
      case 2: any_join(); break;
      case 3:
      case 4:
      case 5: step(event::node_heartbeat{node_id{node}, session_of_[node], now_}); break;
      case 6:
      case 7:
      case 8: {
        const auto id = any_attempt();
        step(event::attempt_started{holder_of(id), id});
        break;
      }
      case 9:
      case 10:
      case 11:
      case 12: {
        const auto id = any_attempt();
        step(event::attempt_ended{holder_of(id), id, static_cast<ending>(roll(8)), "r"});
        break;
      }
      case 13: {
        const auto id = any_attempt();
        step(event::attempt_declined{holder_of(id), id});
        break;
      }
      case 14: {
        const auto task = any_attempt().task;
        std::optional<std::uint32_t> index;
        if (chance(60)) index = task.index;
        step(event::cancel_requested{from, {task.job, index}});
        break;
      }
      case 15:
        if (chance(50))
          step(event::session_lost{node_id{node}, session_of_[node]});
        else
          step(event::node_left{node_id{node}, session_of_[node]});
        break;
      case 16:
        if (chance(50))
          step(event::drain_requested{from, node_id{node}, std::chrono::seconds{roll(20)}});
        else
          step(event::forget_requested{from, node_id{node}});
        break;
      case 17: {
        const auto id = any_attempt();
        if (chance(5))
          step(event::owner_gone{program_id{1 + roll(3)}});
        else if (chance(50))
          step(event::lease_lent{from, id});
        else
          step(event::lease_claimed{from, id});
        break;
      }
      default:
        if (chance(15)) {
          scheduler_ = engine::restore(how(), store_.live(), now_);
          step(event::ticked{});
        }
        step(event::ticked{});
        break;
    }
  }

  std::mt19937_64 dice_;
  engine scheduler_;
  memory_store store_;
  instant now_{5000s};
  std::map<attempt_id, node_id> granted_;
  std::map<std::uint64_t, session_id> session_of_;
  std::map<std::uint64_t, std::uint64_t> lives_;
  std::uint64_t sessions_ = 0;
  std::uint64_t last_job_ = 0;
  std::map<std::size_t, std::size_t> seen_;
};

TEST(Storm, LeavesTheBooksInOrderAndEveryTaskWithOneEnd) {
  std::map<std::size_t, std::size_t> seen;
  std::uint64_t stale = 0;
  std::uint64_t lost = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    storm s(seed);
    s.rage(600);
    if (HasFailure()) return;
    s.calm();
    if (HasFailure()) return;
    for (const auto& [kind, times] : s.seen()) seen[kind] += times;
    stale += s.count().stale_results;
    lost += s.count().lost_attempts;
  }
  // A storm that misses a kind of command would prove little.
  EXPECT_EQ(seen.size(), std::variant_size_v<command_type>);
  EXPECT_GT(stale, 100U);
  EXPECT_GT(lost, 100U);
}

}  // namespace
}  // namespace fabric::scheduler
