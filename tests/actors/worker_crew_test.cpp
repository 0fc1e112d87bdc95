#include "actors/program/worker_crew.hpp"

#include <gtest/gtest.h>

/// Which workers a program asks the head for.
namespace fabric::actors {
namespace {

using namespace std::chrono_literals;

class WorkerCrew : public ::testing::Test {
 protected:
  explicit WorkerCrew(worker_crew::opening how = worker_crew::opening::at_once) : crew(how) {}

  /// Asks for what is wanted now; the head agrees. How many that were.
  std::uint32_t asked(instant at) {
    std::uint32_t count = 0;
    for (const auto& one : crew.orders(at)) {
      const auto& more = std::get<worker_crew::submit>(one);
      const job_id job{++jobs};
      crew.submitted(more.number, job);
      for (std::uint32_t i = 0; i < more.count; ++i) starting.push_back({job, i});
      count += more.count;
    }
    return count;
  }
  /// The next of those that were asked for comes to work, or ends before.
  void comes() { EXPECT_TRUE(crew.came({next(), 1}, program_id{++programs}).fresh); }
  auto fails(instant at) { return crew.finished(next(), worker_crew::way::failed, at); }
  auto is_killed(instant at) { return crew.finished(next(), worker_crew::way::killed, at); }

  task_id next() {
    const task_id first = starting.front();
    starting.erase(starting.begin());
    return first;
  }

  const calls::pool_id pool{1};
  const instant t0{100s};
  worker_crew crew;
  std::uint64_t jobs = 0;
  std::uint64_t programs = 0;
  std::vector<task_id> starting;
};

TEST_F(WorkerCrew, AsksForWhatIsMissing) {
  crew.want(pool, 3);
  EXPECT_EQ(asked(t0), 3U);
  EXPECT_EQ(asked(t0), 0U);
  comes();
  EXPECT_FALSE(fails(t0).hopeless);
  EXPECT_EQ(asked(t0), 1U);
}

TEST_F(WorkerCrew, GivesUpAPoolWhoseWorkersAllFailToStart) {
  crew.want(pool, 1);
  for (std::uint32_t i = 1; i < worker_crew::failed_starts_max; ++i) {
    ASSERT_EQ(asked(t0), 1U);
    EXPECT_FALSE(fails(t0).hopeless);
  }
  ASSERT_EQ(asked(t0), 1U);
  EXPECT_EQ(fails(t0).hopeless, pool);
  EXPECT_EQ(asked(t0), 0U);
}

TEST_F(WorkerCrew, BearsMoreWorkersThatAreKilledAsTheyStart) {
  crew.want(pool, 1);
  for (std::uint32_t i = 1; i < worker_crew::killed_starts_max; ++i) {
    ASSERT_EQ(asked(t0), 1U);
    EXPECT_FALSE(is_killed(t0).hopeless) << i;
  }
  ASSERT_EQ(asked(t0), 1U);
  EXPECT_EQ(is_killed(t0).hopeless, pool);
  EXPECT_EQ(asked(t0), 0U);
}

TEST_F(WorkerCrew, DoesNotGiveUpAPoolThatWorks) {
  crew.want(pool, 2);
  ASSERT_EQ(asked(t0), 2U);
  comes();
  EXPECT_FALSE(fails(t0).hopeless);
  for (std::uint32_t i = 1; i < worker_crew::failed_starts_max; ++i) {
    ASSERT_EQ(asked(t0), 1U);
    EXPECT_FALSE(fails(t0).hopeless);
  }
  EXPECT_EQ(asked(t0), 0U) << "asked again without a pause";
  const instant later = t0 + worker_crew::failed_starts_patience;
  EXPECT_EQ(crew.next_wakeup(), later);
  EXPECT_EQ(asked(later), 1U);
  EXPECT_EQ(crew.next_wakeup(), never);
}

TEST_F(WorkerCrew, APoolThatNoWorkerComesToIsHungry) {
  crew.want(pool, 2);
  ASSERT_EQ(asked(t0), 2U);
  EXPECT_TRUE(crew.orders(t0).empty());
  EXPECT_FALSE(crew.hungry(t0));
  const instant later = t0 + worker_crew::hunger_patience;
  EXPECT_EQ(crew.next_wakeup(), later);
  EXPECT_EQ(crew.hungry(later), pool);
  comes();
  EXPECT_TRUE(crew.orders(later).empty());
  EXPECT_FALSE(crew.hungry(later));
  comes();
  EXPECT_TRUE(crew.orders(later).empty());
  EXPECT_FALSE(crew.hungry(later + 1h));
}

TEST_F(WorkerCrew, CallsOffWhatIsTooMuchForSomeTime) {
  crew.want(pool, 2);
  ASSERT_EQ(asked(t0), 2U);
  crew.want(pool, 0);
  EXPECT_TRUE(crew.orders(t0).empty());
  const instant later = t0 + worker_crew::surplus_patience;
  EXPECT_EQ(crew.next_wakeup(), later);
  EXPECT_EQ(crew.orders(later).size(), 2U);
}

/// A crew whose first worker comes alone, and what it had the head asked for.
class CarefulCrew : public WorkerCrew {
 protected:
  CarefulCrew() : WorkerCrew(worker_crew::opening::one_first) {}
};

TEST_F(CarefulCrew, AsksForOthersOnceTheFirstHasWorkedForAMoment) {
  crew.want(pool, 5);
  EXPECT_EQ(asked(t0), 1U);
  EXPECT_EQ(asked(t0 + 50ms), 0U);
  comes();
  const instant came = t0 + 60ms;
  EXPECT_EQ(asked(came), 0U);
  EXPECT_EQ(crew.next_wakeup(), came + worker_crew::trial);
  EXPECT_EQ(asked(came + worker_crew::trial), 4U);
}

TEST_F(CarefulCrew, AsksForNoOthersWhereTheFirstHasDoneTheWork) {
  crew.want(pool, 5);
  EXPECT_EQ(asked(t0), 1U);
  comes();
  EXPECT_EQ(asked(t0), 0U);
  crew.want(pool, 1);
  EXPECT_EQ(asked(t0 + worker_crew::trial), 0U);
}

TEST_F(CarefulCrew, DoesNotWaitLongForTheFirst) {
  crew.want(pool, 5);
  EXPECT_EQ(asked(t0), 1U);
  EXPECT_LE(crew.next_wakeup(), t0 + worker_crew::first_patience);
  EXPECT_EQ(asked(t0 + worker_crew::first_patience), 4U);
}

TEST_F(CarefulCrew, TriesAnotherOneWhereTheFirstFails) {
  crew.want(pool, 5);
  EXPECT_EQ(asked(t0), 1U);
  EXPECT_FALSE(fails(t0).hopeless);
  EXPECT_EQ(asked(t0), 1U);
}

}  // namespace
}  // namespace fabric::actors
