#include <algorithm>
#include <map>
#include <set>

#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/samplers/sampler.hpp"
#include "tests/tuner/conditional_spaces.hpp"
#include "tests/tuner/desk.hpp"

namespace fabric::tuner {
namespace {

struct world {
  std::string sampler;
  duplicates repeats;
};

/// A study among workers that die, come back late and answer twice, and a tuner that is killed now
/// and then and goes on from its table of rows. All from one seed.
class many_workers {
 public:
  many_workers(const world& w, std::uint64_t seed) : chance_(seed, 99), seed_(seed) {
    how_ = a_study({"x=int(1,6)", "n=int(1,4,log)", "p=float(0,0.2,step=0.1)", "o=choice(a)"});
    if (seed % 2 == 1) how_.over = a_conditional_space(chance_);
    how_.sampler = w.sampler;
    how_.repeats = w.repeats;
    how_.seed = seed;
    how_.parallel = static_cast<std::uint32_t>(1 + chance_.below(12));
    how_.attempts_max = 1'000'000;
    study_.emplace(study::make(how_).value());
  }

  void run() {
    step(study_event::asked{});
    for (int turn = 0; !is_done_ && !HasFailure(); ++turn) {
      ASSERT_LT(turn, 100'000) << "seed " << seed_;
      take_turn();
    }
    ASSERT_FALSE(HasFailure()) << "seed " << seed_;
    EXPECT_TRUE(held_.empty());
    std::map<point, int> complete;
    for (const auto& [n, row] : table_) {
      EXPECT_EQ(row.state, trial_state::complete);
      EXPECT_EQ(row.value(), value_at(row.where));
      if (!row.user_attrs.contains("duplicate_of")) ++complete[row.where];
    }
    EXPECT_EQ(complete.size(), *how_.over.size()) << "seed " << seed_;
    for (const auto& [p, times] : complete) EXPECT_EQ(times, 1) << "seed " << seed_;
    EXPECT_EQ(recorded_, *how_.over.size()) << "seed " << seed_;
    if (how_.repeats == duplicates::never) {
      EXPECT_EQ(table_.size(), *how_.over.size());
    }
  }

 private:
  static bool HasFailure() { return testing::Test::HasFailure(); }
  [[nodiscard]] double value_at(const point& p) const {
    return static_cast<double>(how_.over.rank_of(p) * 37 % 101);
  }

  void take_turn() {
    const auto dice = chance_.below(100);
    if (dice < 40 && !held_.empty()) return tell(pick(held_));
    if (dice < 55 && !held_.empty()) return vanish(pick(held_));
    if (dice < 65 && !stale_.empty()) return tell(stale_[chance_.below(stale_.size())]);
    if (dice < 67) return restart();
    step(study_event::asked{});
  }

  study_command::evaluate pick(const std::map<point, study_command::evaluate>& from) {
    return std::next(from.begin(), static_cast<std::ptrdiff_t>(chance_.below(from.size())))->second;
  }

  void tell(const study_command::evaluate& what) {
    const auto held = held_.find(what.where);
    const bool is_current = held != held_.end() && held->second.attempt == what.attempt &&
                            held->second.number == what.number;
    if (is_current) held_.erase(held);
    const auto before = recorded_;
    study_event::told e;
    e.number = what.number;
    e.attempt = what.attempt;
    e.values = {value_at(what.where)};
    stale_.push_back(what);
    step(e);
    if (is_current) {
      EXPECT_EQ(recorded_, before + 1) << "a result was lost, seed " << seed_;
    }
  }

  void vanish(const study_command::evaluate& what) {
    held_.erase(what.where);
    stale_.push_back(what);
    step(study_event::vanished{what.number, what.attempt});
  }

  /// The tuner dies; its workers do not know, and their late answers come to the next one.
  void restart() {
    for (const auto& [p, e] : held_) stale_.push_back(e);
    held_.clear();
    std::vector<trial> rows;
    for (const auto& [n, row] : table_) rows.push_back(row);
    study_.emplace(study::resume(how_, rows).value());
    step(study_event::asked{});
  }

  void step(const study_event_type& what) {
    for (const auto& command : study_->step(what, ++now_ms_)) carry_out(command);
    ASSERT_EQ(study_->broken_invariant(), "") << "seed " << seed_;
    ASSERT_LE(held_.size(), how_.parallel);
  }

  void carry_out(const study_command_type& command) {
    if (const auto* c = std::get_if<study_command::persist>(&command)) {
      const auto old = table_.find(c->row.number);
      EXPECT_EQ(c->is_new, old == table_.end());
      if (old != table_.end()) {
        EXPECT_EQ(old->second.state, trial_state::running) << "a final row changed";
      }
      table_[c->row.number] = c->row;
    } else if (const auto* c = std::get_if<study_command::evaluate>(&command)) {
      EXPECT_TRUE(held_.emplace(c->where, *c).second) << "two leases of one point, seed " << seed_;
      EXPECT_EQ(table_.at(c->number).attempt, c->attempt) << "evaluated before it was stored";
    } else if (const auto* c = std::get_if<study_command::finished>(&command)) {
      if (!c->row.user_attrs.contains("duplicate_of")) ++recorded_;
    } else if (const auto* c = std::get_if<study_command::done>(&command)) {
      EXPECT_EQ(c->because, study_command::done::reason::exhausted);
      is_done_ = true;
    }
  }

  draws chance_;
  std::uint64_t seed_;
  study_settings how_;
  std::optional<study> study_;
  std::map<trial_number, trial> table_;
  std::map<point, study_command::evaluate> held_;
  std::vector<study_command::evaluate> stale_;
  std::uint64_t recorded_ = 0;
  std::int64_t now_ms_ = 1;
  bool is_done_ = false;
};

/// Samplers that learn are slow, and propose what they know again and again where they may.
std::uint64_t seeds_of(std::string_view name, duplicates repeats) {
  if (name == "gp") return repeats == duplicates::never ? 4 : 0;
  return name == "tpe" ? 6 : 40;
}

class ExactlyOnce : public testing::TestWithParam<duplicates> {};

TEST_P(ExactlyOnce, EveryPointIsRecordedOnceThroughLossesLateTellsAndRestarts) {
  for (const auto name : samplers())
    for (std::uint64_t seed = 0; seed < seeds_of(name, GetParam()); ++seed)
      many_workers({std::string{name}, GetParam()}, seed).run();
}

INSTANTIATE_TEST_SUITE_P(Policies, ExactlyOnce,
                         testing::Values(duplicates::never, duplicates::cached));

}  // namespace
}  // namespace fabric::tuner
