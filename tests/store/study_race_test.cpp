#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/store/study_fixture.hpp"

/// Several processes on one study.
namespace fabric::store {
namespace {

constexpr std::uint64_t points = 200;

class StudyRace : public StudyFile {
 protected:
  const tuner::space grid = space_of({"x=int(0,199)"});

  /// Tries to record all points, in an order of its own, and answers how many it got; -1 for a
  /// fault.
  int record_all(unsigned seed) const {
    auto store = study_store::open(url(), study_store::mode::create);
    if (!store) return -1;
    auto made = store->create(study_of("race", grid));
    if (!made && made.error().code != fault_code::key_conflict) return -1;
    std::vector<std::uint64_t> order(points);
    for (std::uint64_t i = 0; i < points; ++i) order[i] = i;
    std::ranges::shuffle(order, std::mt19937(seed));
    int got = 0;
    tuner::trial_number next = 0;
    for (std::size_t i = 0; i < points; i += 4) {
      std::vector<study_store::change> batch;
      for (std::size_t k = i; k < i + 4; ++k) {
        batch.push_back(fresh(completed(a_trial(grid, {order[k]}, next++), 1.0)));
      }
      auto done = store->apply("race", grid, batch);
      if (!done) return -1;
      got += static_cast<int>(std::ranges::count(done->outcomes, outcome::stored));
      next = *std::ranges::max_element(done->numbers) + 1;
    }
    return got;
  }
};

TEST_F(StudyRace, ProcessesNeverRecordAPointTwice) {
  constexpr int processes = 3;
  std::vector<pid_t> children;
  for (unsigned i = 0; i < processes; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const int got = record_all(i + 1);
      ::_exit(got < 0 ? 255 : got);
    }
    children.push_back(child);
  }
  int together = 0;
  for (const auto child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_NE(WEXITSTATUS(status), 255) << "a process met a fault";
    together += WEXITSTATUS(status);
  }
  EXPECT_EQ(together, points);
  auto store = opened(study_store::mode::read_only);
  const auto trials = store.trials("race", grid).value();
  std::set<std::uint64_t> seen;
  std::set<tuner::trial_number> numbers;
  for (const auto& row : trials) {
    seen.insert(row.where.at(0));
    numbers.insert(row.number);
  }
  EXPECT_EQ(trials.size(), points);
  EXPECT_EQ(seen.size(), points);
  EXPECT_EQ(numbers.size(), points);
}

TEST_F(StudyRace, OneOfTwoTunersResumesALease) {
  auto one = opened();
  ASSERT_OK(one.create(study_of("race", grid)));
  auto row = a_trial(grid, {1}, 0);
  std::vector<study_store::change> batch = {fresh(row)};
  ASSERT_OK(one.apply("race", grid, batch));
  auto two = opened();
  row.attempt = 2;
  batch = {changed(row)};
  EXPECT_EQ(one.apply("race", grid, batch)->outcomes.at(0), outcome::stored);
  EXPECT_EQ(two.apply("race", grid, batch)->outcomes.at(0), outcome::conflict);
}

}  // namespace
}  // namespace fabric::store
