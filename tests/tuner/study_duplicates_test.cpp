#include <algorithm>
#include <set>

#include "tests/tuner/desk.hpp"

namespace fabric::tuner {
namespace {

using reason = study_command::done::reason;

study_settings a_random_study(duplicates repeats) {
  auto how = a_study({"x=int(1,5)"});
  how.sampler = "random";
  how.repeats = repeats;
  return how;
}

TEST(CachedDuplicates, AreAnsweredFromTheEarlierTrialAndNotEvaluated) {
  desk d(a_random_study(duplicates::cached));
  std::set<point> evaluated;
  while (!d.ask().done) {
    const auto e = d.next();
    EXPECT_TRUE(evaluated.insert(e.where).second) << "evaluated twice";
    d.tell(e, static_cast<double>(e.where[0]));
  }
  EXPECT_EQ(evaluated.size(), 5u);
  EXPECT_EQ(d.done->because, reason::exhausted);
  EXPECT_EQ(d.count().complete, 5u);
  EXPECT_GT(d.count().cached, 0u);
  EXPECT_EQ(d.finished.size(), d.count().cached + 5);
  for (const auto& f : d.finished) {
    EXPECT_EQ(f.row.value(), static_cast<double>(f.row.where[0]));
    if (!f.row.user_attrs.contains("duplicate_of")) continue;
    const auto twin = std::stoull(f.row.user_attrs.at("duplicate_of"));
    EXPECT_LT(twin, f.row.number);
    const auto earlier =
        std::ranges::find(d.finished, twin, [](const auto& x) { return x.row.number; });
    EXPECT_EQ(earlier->row.where, f.row.where);
  }
  for (const auto& p : d.stored)
    EXPECT_EQ(p.unique_point, !p.row.user_attrs.contains("duplicate_of"));
}

TEST(CachedDuplicates, WaitForATwinThatIsStillRunning) {
  auto how = a_random_study(duplicates::cached);
  how.parallel = 4;
  desk d(how);
  for (int tries = 0; d.ask().count().waiting == 0; ++tries) {
    ASSERT_LT(tries, 100);
    how.seed++;
    d = desk(how);
  }
  const auto waiting = std::ranges::find_if(
      d.stored, [](const auto& p) { return p.row.user_attrs.contains("duplicate_of"); });
  const auto n = waiting->row.number;
  const auto twin = std::stoull(waiting->row.user_attrs.at("duplicate_of"));
  EXPECT_EQ(waiting->row.state, trial_state::running);
  EXPECT_TRUE(std::ranges::none_of(d.work, [&](const auto& e) { return e.number == n; }));
  d.tell({n, 1, {}}, 3);
  EXPECT_EQ(d.refused.back().why,
            "trial " + std::to_string(n) + " is answered from trial " + std::to_string(twin));
  d.tell(*std::ranges::find(d.work, twin, &study_command::evaluate::number), 42);
  const auto answered =
      std::ranges::find(d.finished, n, [](const auto& f) { return f.row.number; });
  ASSERT_NE(answered, d.finished.end());
  EXPECT_EQ(answered->row.state, trial_state::complete);
  EXPECT_EQ(answered->row.value(), 42);
}

TEST(CachedDuplicates, OfATwinThatFailsFailToo) {
  auto how = a_study({"x=int(1,2)"});
  how.sampler = "random";
  how.repeats = duplicates::cached;
  how.parallel = 2;
  desk d(how);
  for (int tries = 0; d.ask().count().waiting == 0; ++tries) {
    ASSERT_LT(tries, 100);
    how.seed++;
    d = desk(how);
  }
  const auto waiting = d.count().waiting;
  for (const auto& e : d.work) d.fail(e, "no");
  EXPECT_EQ(d.count().failed, 2 + waiting);
  EXPECT_EQ(d.count().waiting, 0u);
  EXPECT_EQ(d.done->because, reason::exhausted);
}

TEST(CachedDuplicates, DoNotKeepTheLastPointOfALargeSpaceWaiting) {
  auto how = a_study({"x=int(1,3000)"});
  how.sampler = "random";
  how.repeats = duplicates::cached;
  desk d(how);
  std::size_t longest = 0;
  while (true) {
    const auto before = d.stored.size();
    if (d.ask().done) break;
    longest = std::max(longest, d.stored.size() - before);
    d.tell(d.next(), 1);
  }
  EXPECT_EQ(d.count().complete, 3000u);
  EXPECT_LE(longest, 101u);
}

TEST(AllowedDuplicates, AreEvaluatedAgain) {
  auto how = a_random_study(duplicates::allow);
  how.trials_max = 50;
  how.parallel = 10;
  desk d(how);
  while (!d.ask().done) d.tell(d.next(), 1);
  EXPECT_EQ(d.finished.size(), 50u);
  EXPECT_EQ(d.count().complete, 50u);
  EXPECT_EQ(d.done->because, reason::trials_reached);
  for (const auto& p : d.stored) EXPECT_FALSE(p.unique_point);
}

TEST(AllowedDuplicates, DoNotMakeAGridRepeatItself) {
  auto how = a_random_study(duplicates::allow);
  how.sampler = "grid";
  desk d(how);
  while (!d.ask().done) d.tell(d.next(), 1);
  EXPECT_EQ(d.finished.size(), 5u);
  EXPECT_EQ(d.done->because, reason::exhausted);
}

}  // namespace
}  // namespace fabric::tuner
