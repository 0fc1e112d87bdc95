#include <random>

#include "tests/scheduler/engine_fixture.hpp"
#include "tests/scheduler/memory_store.hpp"
#include "tests/store/head_fixture.hpp"

/// The scheduler's own records, step by step, against a plain model of a store, with restarts from
/// the file's content.
namespace fabric::store {
namespace {

using namespace std::chrono_literals;
namespace ev = scheduler::event;
namespace cmd = scheduler::command;

std::string shown(const scheduler::snapshot& s) {
  std::string text = "last " + to_string(s.last_job) + "\n";
  for (const auto& job : s.jobs) {
    text += "job " + to_string(job.id) + (job.cancelled ? " cancelled" : "") +
            std::to_string(scheduler::content_hash(*job.what));
    for (const auto& task : job.touched) {
      text += " " + std::to_string(task.index) + std::string(name_of(task.state)) +
              std::to_string(task.attempt);
      if (scheduler::is_final(task.state)) continue;
      for (const auto n : {task.failures, task.crashes, task.lost}) text += "," + std::to_string(n);
      if (task.state != task_state::running) continue;
      text += "@" + to_string(task.node);
      for (const auto& gpu : task.gpus) text += gpu.id + "x" + to_string(gpu.share);
    }
    text += "\n";
  }
  for (const auto& job : s.finished) {
    text += "done " + to_string(job.id) + (job.all_succeeded ? " well " : " not well ") + job.key +
            std::to_string(job.content_hash) + "\n";
  }
  for (const auto& node : s.nodes) {
    text += "node " + to_string(node.node) + node.name + std::to_string(node.incarnation) +
            node.boot_id + (node.draining ? " draining\n" : "\n");
  }
  return text;
}

class HeadOfAnEngine : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  std::uint64_t roll(std::uint64_t sides) { return dice_() % sides; }

  void step(const scheduler::event_type& what) {
    std::vector<record_type> records;
    for (const auto& command : engine_.step(what, now_)) {
      if (const auto* kept = std::get_if<cmd::persist>(&command)) records.push_back(kept->what);
      if (const auto* grant = std::get_if<cmd::grant>(&command)) open_[grant->id] = grant->node;
      if (const auto* accepted = std::get_if<cmd::job_accepted>(&command)) {
        newest_ = std::max(newest_, accepted->id.value);
      }
    }
    for (const auto& record : records) model_.apply(record);
    ASSERT_OK(store_->commit(records, 1));
  }

  void submit() {
    auto job = roll(2) == 0
                   ? scheduler::engine_fixture::single()
                   : scheduler::engine_fixture::array(1 + static_cast<std::uint32_t>(roll(8)));
    if (roll(3) == 0) job.needs.amounts.set("gpu", milli{500});
    if (roll(4) == 0) job.key = "k" + std::to_string(roll(50));
    if (roll(5) == 0) job.expires_after = 5s;
    if (newest_ > 0 && roll(4) == 0) job.after = {job_id{1 + roll(newest_)}};
    job.retry.retries_max = static_cast<std::uint32_t>(roll(3));
    step(ev::job_submitted{{session_id{900}, request_id{1}},
                           std::make_shared<const scheduler::job>(std::move(job))});
  }

  void join(std::uint64_t node) {
    std::vector<ev::held_attempt> holding;
    for (const auto& [id, at] : open_) {
      if (at == node_id{node} && roll(2) == 0) holding.push_back({id, false});
    }
    sessions_[node] = session_id{++last_session_};
    step(ev::node_joined{node_id{node}, sessions_[node], incarnation_id{1 + roll(3)}, "boot",
                         "n" + std::to_string(node), scheduler::machine(4, 2), holding, now_});
  }

  void end_one() {
    if (open_.empty()) return;
    auto at = open_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(roll(open_.size())));
    const auto [id, node] = *at;
    open_.erase(at);
    using enum scheduler::ending;
    constexpr std::array ways = {succeeded, succeeded, failed,     crashed,
                                 preempted, lost,      unstartable};
    step(ev::attempt_ended{node, id, ways[roll(ways.size())], "report"});
  }

  void cancel() {
    job_or_task what{job_id{1 + roll(newest_ + 1)}, std::nullopt};
    if (roll(2) == 0) what.index = static_cast<std::uint32_t>(roll(4));
    step(ev::cancel_requested{{session_id{900}, request_id{2}}, what});
  }

  void anything() {
    const std::uint64_t node = 1 + roll(3);
    switch (roll(12)) {
      case 0:
      case 1: return submit();
      case 2: return join(node);
      case 3: return cancel();
      case 4: return step(ev::session_lost{node_id{node}, sessions_[node]});
      case 5: return step(ev::node_left{node_id{node}, sessions_[node]});
      case 6: return step(ev::forget_requested{{session_id{900}, request_id{3}}, node_id{node}});
      case 7: return step(ev::drain_requested{{session_id{900}, request_id{4}}, node_id{node}, 3s});
      case 8: now_ += std::chrono::seconds{roll(30)}; return step(ev::ticked{});
      default: return end_one();
    }
  }

  void SetUp() override {
    auto opened = head_store::open(":memory:", durability::full);
    ASSERT_OK(opened);
    store_.emplace(std::move(*opened));
    dice_.seed(GetParam());
  }

  std::mt19937_64 dice_;
  std::optional<head_store> store_;
  scheduler::memory_store model_;
  scheduler::engine engine_{scheduler::settings{}};
  instant now_{1000s};
  std::map<attempt_id, node_id> open_;
  std::map<std::uint64_t, session_id> sessions_;
  std::uint64_t newest_ = 0;
  std::uint64_t last_session_ = 0;
};

TEST_P(HeadOfAnEngine, HoldsWhatTheModelHoldsAndIsGoneOnFrom) {
  for (int i = 0; i < 400 && !HasFatalFailure(); ++i) {
    anything();
    auto content = store_->load();
    ASSERT_OK(content);
    ASSERT_EQ(shown(*content), shown(model_.live())) << "after step " << i;
    if (roll(25) == 0) {
      engine_ = scheduler::engine::restore({}, std::move(*content), now_);
      ASSERT_EQ(engine_.broken_invariant(), "");
    }
  }
  EXPECT_GT(model_.finals(), 20U);
  EXPECT_GT(model_.grants(), 20U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HeadOfAnEngine, ::testing::Range<std::uint64_t>(1, 13));

}  // namespace
}  // namespace fabric::store
