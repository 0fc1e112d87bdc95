#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "scheduler/tuner/draws.hpp"
#include "tests/tuner/desk.hpp"

/// Several tuners on one table, as the store keeps it: each point has one owner, each number one
/// trial, and a new lease needs a higher attempt.
namespace fabric::tuner {
namespace {

using reason = study_command::done::reason;

struct table_row {
  trial row;
  int holder = 0;  ///< a tuner's id; 0 is nobody
};

struct answer {
  bool is_stored = false;
  trial_number number = 0;
  std::optional<trial> theirs;
};

class table {
 public:
  answer put(const study_command::persist& what, int tuner) {
    return what.is_new ? insert(what, tuner) : update(what, tuner);
  }
  [[nodiscard]] const std::map<trial_number, table_row>& rows() const { return rows_; }
  void forget(int tuner) {
    for (auto& [n, each] : rows_)
      if (each.holder == tuner) each.holder = 0;
  }
  std::uint64_t recorded = 0;  ///< ends that came from an evaluation

 private:
  answer insert(const study_command::persist& what, int tuner) {
    if (what.unique_point)
      if (const auto owner = owners_.find(what.row.key); owner != owners_.end())
        return {false, what.row.number, rows_.at(owner->second).row};
    auto row = what.row;
    if (rows_.contains(row.number)) row.number = rows_.rbegin()->first + 1;
    if (what.unique_point) owners_.emplace(row.key, row.number);
    rows_.emplace(row.number, table_row{row, row.state == trial_state::running ? tuner : 0});
    return {true, row.number, {}};
  }
  answer update(const study_command::persist& what, int tuner) {
    auto& old = rows_.at(what.row.number);
    const bool is_lease = what.row.state == trial_state::running;
    const bool is_stale =
        is_lease ? what.row.attempt <= old.row.attempt : what.row.attempt < old.row.attempt;
    if (old.row.state != trial_state::running || is_stale) return {false, what.row.number, old.row};
    if (what.unique_point) {
      const auto [owner, is_free] = owners_.try_emplace(what.row.key, what.row.number);
      if (owner->second != what.row.number)
        return {false, what.row.number, rows_.at(owner->second).row};
    }
    if (!is_lease && what.unique_point) ++recorded;
    old = {what.row, is_lease ? tuner : 0};
    return {true, what.row.number, {}};
  }

  std::map<trial_number, table_row> rows_;
  std::map<std::string, trial_number> owners_;
};

/// A study with the shell's part of the work: rows first, then what the answers leave of the
/// commands. Events wait while a batch is under way.
class one_tuner {
 public:
  one_tuner(study_settings how, table& rows, const std::set<int>& alive, int id)
      : rows_(rows), alive_(alive), id_(id) {
    std::vector<trial> ours;
    std::vector<trial> theirs;
    for (const auto& [n, each] : rows.rows())
      (is_held_by_another(each) ? theirs : ours).push_back(each.row);
    study_.emplace(study::resume(std::move(how), std::move(ours), theirs).value());
    events_.push_back(study_event::asked{});
  }

  std::map<trial_number, study_command::evaluate> work;
  std::optional<reason> done;

  void feed(study_event_type what) { events_.push_back(std::move(what)); }
  [[nodiscard]] bool is_writing() const { return is_writing_; }

  void step() {
    for (const auto& event : std::exchange(events_, {})) {
      for (auto& command : study_->step(event, ++now_ms_)) commands_.push_back(std::move(command));
      ASSERT_EQ(study_->broken_invariant(), "");
    }
    is_writing_ = !commands_.empty();
  }

  void write() {
    is_writing_ = false;
    study_event::rows_answered news;
    std::set<trial_number> not_ours;
    std::map<trial_number, trial_number> moved;
    const auto commands = std::exchange(commands_, {});
    for (const auto& command : commands) {
      const auto* row = std::get_if<study_command::persist>(&command);
      if (row == nullptr) continue;
      auto as_filed = *row;
      if (const auto at = moved.find(row->row.number); at != moved.end() && !row->is_new)
        as_filed.row.number = at->second;
      auto got = rows_.put(as_filed, id_);
      if (got.is_stored) {
        if (row->is_new && got.number != row->row.number) moved[row->row.number] = got.number;
        continue;
      }
      not_ours.insert(row->row.number);
      if (row->row.state == trial_state::running)
        news.taken.push_back({row->row.number, got.theirs});
      else
        news.unrecorded.push_back(*got.theirs);
    }
    for (const auto& command : commands) {
      if (const auto* e = std::get_if<study_command::evaluate>(&command)) {
        if (not_ours.contains(e->number)) continue;
        const auto at = moved.find(e->number);
        const auto n = at == moved.end() ? e->number : at->second;
        work[n] = {n, e->attempt, e->where};
      }
      if (const auto* d = std::get_if<study_command::done>(&command))
        if (news.unrecorded.empty()) done = d->because;
    }
    news.numbers.moves.assign(moved.begin(), moved.end());
    if (!moved.empty() || !news.taken.empty() || !news.unrecorded.empty())
      events_.insert(events_.begin(), std::move(news));
  }

  void look() {
    for (const auto n : study_->awaited()) {
      const auto& each = rows_.rows().at(n);
      if (each.row.state != trial_state::running)
        feed(study_event::seen_elsewhere{each.row});
      else if (!is_held_by_another(each))
        feed(study_event::abandoned_elsewhere{each.row});
    }
    feed(study_event::asked{});
  }

 private:
  [[nodiscard]] bool is_held_by_another(const table_row& each) const {
    return each.row.state == trial_state::running && each.holder != id_ &&
           alive_.contains(each.holder);
  }

  table& rows_;
  const std::set<int>& alive_;
  int id_;
  std::optional<study> study_;
  std::vector<study_event_type> events_;
  std::vector<study_command_type> commands_;
  bool is_writing_ = false;
  std::int64_t now_ms_ = 1000;
};

class shared_study {
 public:
  shared_study(duplicates repeats, std::uint64_t seed) : chance_(seed, 7), seed_(seed) {
    how_ = a_study({"x=int(1,6)", "y=int(1,5)"});
    how_.sampler = seed % 2 == 0 ? "grid" : "random";
    how_.repeats = repeats;
    how_.parallel = static_cast<std::uint32_t>(1 + chance_.below(5));
  }

  void run() {
    for (int turn = 0; !is_over() && !testing::Test::HasFailure(); ++turn) {
      ASSERT_LT(turn, 100'000) << "seed " << seed_;
      take_turn();
    }
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed_;
    for (const auto& [n, each] : rows_.rows())
      EXPECT_EQ(each.row.state, trial_state::complete) << "trial " << n << ", seed " << seed_;
    // A cached answer may come from a result that arrived too late to be recorded itself.
    EXPECT_LE(rows_.recorded, *how_.over.size()) << "seed " << seed_;
    if (how_.repeats == duplicates::never) {
      EXPECT_EQ(rows_.recorded, *how_.over.size()) << "seed " << seed_;
    }
  }

 private:
  [[nodiscard]] bool is_over() const { return ended_ >= 3 && tuners_.empty(); }

  void take_turn() {
    const auto dice = chance_.below(100);
    if (tuners_.size() < 3 && ended_ < 3 && dice < 20) return begin();
    if (tuners_.empty()) return;
    auto at =
        std::next(tuners_.begin(), static_cast<std::ptrdiff_t>(chance_.below(tuners_.size())));
    auto& tuner = *at->second;
    if (dice < 22 && kills_ < 6 && ended_ < 3) return kill(at->first);
    // Taken for dead though it lives: its results come too late.
    if (dice < 24) return void(alive_.erase(at->first));
    if (tuner.is_writing()) {
      tuner.write();
    } else if (dice < 60 && !tuner.work.empty()) {
      tell(tuner);
    } else if (dice < 70) {
      tuner.look();
    } else {
      tuner.step();
    }
    if (tuner.done) conclude(at->first);
  }

  void begin() {
    const int id = ++ids_;
    alive_.insert(id);
    how_.seed = static_cast<std::uint64_t>(id);
    tuners_.emplace(id, std::make_unique<one_tuner>(how_, rows_, alive_, id));
  }

  void kill(int id) {
    ++kills_;
    alive_.erase(id);
    tuners_.erase(id);
  }

  static void tell(one_tuner& tuner) {
    const auto what = tuner.work.begin()->second;
    tuner.work.erase(tuner.work.begin());
    study_event::told e;
    e.number = what.number;
    e.attempt = what.attempt;
    e.values = {static_cast<double>(what.where[0] * 10 + what.where[1])};
    tuner.feed(e);
    tuner.feed(study_event::asked{});
  }

  /// A tuner that says that the space is done is right.
  void conclude(int id) {
    EXPECT_EQ(*tuners_.at(id)->done, reason::exhausted);
    std::set<point> ended;
    for (const auto& [n, each] : rows_.rows()) {
      if (each.row.state == trial_state::running) continue;
      ended.insert(each.row.where);
      EXPECT_EQ(each.row.value(), static_cast<double>(each.row.where[0] * 10 + each.row.where[1]));
    }
    EXPECT_EQ(ended.size(), *how_.over.size()) << "seed " << seed_;
    ++ended_;
    alive_.erase(id);
    tuners_.erase(id);
  }

  draws chance_;
  std::uint64_t seed_;
  study_settings how_;
  table rows_;
  std::map<int, std::unique_ptr<one_tuner>> tuners_;
  std::set<int> alive_;
  int ids_ = 0;
  int kills_ = 0;
  int ended_ = 0;
};

class SharedStudy : public testing::TestWithParam<duplicates> {};

TEST_P(SharedStudy, HasOneResultForEachPointWhateverBecomesOfItsTuners) {
  for (std::uint64_t seed = 0; seed < 500 && !HasFailure(); ++seed)
    shared_study{GetParam(), seed}.run();
}

INSTANTIATE_TEST_SUITE_P(Policies, SharedStudy,
                         testing::Values(duplicates::never, duplicates::cached));

}  // namespace
}  // namespace fabric::tuner
