#include <gmock/gmock.h>

#include <cmath>
#include <thread>

#include "tests/study/study_cases.hpp"

namespace fabric {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(AskedStudy, HandsOutEachPointOnceAndSaysWhenAllAreDone) {
  study s{ten_points()};
  std::set<int> seen;
  while (auto t = s.ask()) {
    EXPECT_FALSE(s.over());
    const int x = t->get<int>("x");
    EXPECT_TRUE(seen.insert(x).second) << x << " came twice";
    const auto row = s.tell(*t, (x - 3) * (x - 3));
    EXPECT_EQ(row.state, trial_state::complete);
    EXPECT_EQ(row.value, (x - 3) * (x - 3));
  }
  EXPECT_EQ(seen.size(), 10U);
  EXPECT_EQ(s.over(), ending::exhausted);
  ASSERT_TRUE(s.best());
  EXPECT_EQ(s.best()->value, 0);
  EXPECT_EQ(s.trials().size(), 10U);
}

TEST(AskedStudy, HasNoPointWhileTheLastOnesAreOut) {
  auto how = ten_points();
  how.parameters = {integer("x", 0, 1)};
  study s{how};
  const auto a = s.ask();
  const auto b = s.ask();
  ASSERT_TRUE(a && b);
  EXPECT_FALSE(s.ask());
  EXPECT_FALSE(s.over()) << "one may be given back";
  s.give_back(*b);
  const auto again = s.ask();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->params, b->params);
  EXPECT_EQ(again->number, b->number);
  EXPECT_EQ(again->attempt, 2U);
}

TEST(AskedStudy, RefusesAResultOfAnOlderAttemptAndASecondOne) {
  study s{ten_points()};
  const auto first = s.ask();
  s.give_back(*first);
  const auto second = s.ask();
  EXPECT_THAT(refusal([&] { s.tell(*first, 1); }),
              HasSubstr("STALE_ATTEMPT: attempt 2 of trial 0"));
  s.tell(*second, 2);
  EXPECT_THAT(refusal([&] { s.tell(*second, 3); }), HasSubstr("STALE_ATTEMPT: trial 0 is over"));
  EXPECT_EQ(s.trials().at(0).value, 2);
}

TEST(AskedStudy, GivesAPointUpThatVanishesTooOften) {
  auto how = ten_points();
  how.attempts_max = 2;
  study s{how};
  s.give_back(*s.ask());
  s.give_back(*s.ask());
  EXPECT_EQ(s.trials().at(0).state, trial_state::fail);
  EXPECT_THAT(s.trials().at(0).error, HasSubstr("lost 2 times"));
  EXPECT_EQ(s.ask()->number, 1U);
}

TEST(AskedStudy, FailsATrialWithoutAFiniteValue) {
  study s{ten_points()};
  EXPECT_EQ(s.tell(*s.ask(), std::nan("")).error, "the value is nan");
  const auto row = s.fail(*s.ask(), "the disk was full");
  EXPECT_EQ(row.state, trial_state::fail);
  EXPECT_EQ(row.error, "the disk was full");
  EXPECT_FALSE(s.best());
}

TEST(AskedStudy, HandsOutEnqueuedPointsFirst) {
  study s{{.parameters = {integer("x", 0, 9), choice("opt", {"adam", "sgd"})}, .seed = 1}};
  const auto number = s.enqueue({{"x", "7"}, {"opt", "sgd"}});
  const auto t = s.ask();
  EXPECT_EQ(t->number, number);
  EXPECT_EQ(t->json(), R"({"x":7,"opt":"sgd"})");
  EXPECT_THAT(refusal([&] {
                s.enqueue({{"x", "7"}, {"opt", "sgd"}});
              }),
              HasSubstr("DUPLICATE_PARAMS: trial 0 has this point"));
  EXPECT_THAT(refusal([&] { s.enqueue({{"x", "11"}, {"opt", "sgd"}}); }), HasSubstr("USAGE"));
  EXPECT_THAT(refusal([&] { s.enqueue({{"x", "1"}}); }), HasSubstr("parameter opt has no value"));
}

TEST(AskedStudy, StopsTrialsThatItsPrunerFindsBad) {
  auto how = ten_points();
  how.pruner = "threshold:upper=5";
  study s{how};
  const auto t = s.ask();
  EXPECT_EQ(s.report(*t, 0, 1), verdict::go_on);
  EXPECT_EQ(s.report(*t, 1, 9), verdict::stop);
  EXPECT_THAT(refusal([&] { (void)s.report(*t, 1, 8); }), HasSubstr("KEY_CONFLICT"));
  const auto row = s.tell(*t, 0);
  EXPECT_EQ(row.state, trial_state::pruned);
  EXPECT_EQ(row.value, 9);
  EXPECT_THAT(s.trials().at(0).reports, ElementsAre(std::pair{0L, 1.0}, std::pair{1L, 9.0}));
  EXPECT_THAT(refusal([&] { (void)s.report(*t, 2, 8); }), HasSubstr("STALE_ATTEMPT"));
}

TEST(AskedStudy, EndsWhereItsValueIsReachedOrItIsStopped) {
  auto how = ten_points();
  how.until = 1;
  study s{how};
  s.tell(*s.ask(), 1);
  EXPECT_FALSE(s.ask());
  EXPECT_EQ(s.over(), ending::value_reached);

  study other{ten_points()};
  other.stop();
  EXPECT_FALSE(other.ask());
  EXPECT_EQ(other.over(), ending::stopped);
}

TEST(AskedStudy, SaysWhatIsWrongWithItsSettings) {
  const auto why = [](const study_options& how) { return refusal([&] { study{how}; }); };
  EXPECT_THAT(why({}), HasSubstr("USAGE"));
  EXPECT_THAT(why({.parameters = {"x=int(3,1)"}}), HasSubstr("USAGE: parameter x"));
  EXPECT_THAT(why({.parameters = {"x=int(1,3)"}, .sampler = "gird"}), HasSubstr("is no sampler"));
  EXPECT_THAT(why({.parameters = {"x=int(1,3)"}, .pruner = "hard"}), HasSubstr("USAGE"));
  EXPECT_THAT(why({.parameters = {"x=int(1,3)"}, .storage = "mysql://x"}), HasSubstr("USAGE"));
  EXPECT_THAT(refusal([] { real("x", 0, INFINITY); }), HasSubstr("not finite"));
}

TEST(AskedStudy, HasTheRangesThatWereMeant) {
  study s{{.parameters = {real("x", 0.1, 0.3, {.step = 0.1}), real("lr", 1e-5, 1e-1, {.log = true}),
                          integer("n", 2, 8, {.step = 3}), choice("c", {"a b", "it's"})},
           .seed = 3}};
  for (int i = 0; i < 20; ++i) {
    const auto t = s.ask();
    EXPECT_THAT((std::set{0.1, 0.2, 0.3}), testing::Contains(t->get<double>("x")));
    EXPECT_GE(t->get<double>("lr"), 1e-5);
    EXPECT_LE(t->get<double>("lr"), 1e-1);
    EXPECT_THAT((std::set{2, 5, 8}), testing::Contains(t->get<int>("n")));
    EXPECT_THAT((std::set<std::string>{"a b", "it's"}),
                testing::Contains(t->get<std::string>("c")));
  }
}

TEST(AskedStudy, IsSafeFromManyThreads) {
  study s{{.parameters = {integer("x", 0, 999)}, .seed = 1}};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&s] {
      while (auto t = s.ask()) s.tell(*t, t->get<double>("x"));
    });
  for (auto& one : threads) one.join();
  std::set<int> seen;
  for (const auto& row : s.trials()) seen.insert(static_cast<int>(*row.value));
  EXPECT_EQ(s.trials().size(), 1000U);
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(StoredStudy, GoesOnWhereAProgramLeftIt) {
  const database there;
  auto how = ten_points();
  how.storage = there.url();
  {
    study s{how};
    for (int i = 0; i < 4; ++i) s.tell(*s.ask(), i);
    (void)s.ask();  // and is never told
  }
  EXPECT_THAT(refusal([&] { study{how}; }), HasSubstr("KEY_CONFLICT: the study 'study' exists"));
  how.load_if_exists = true;
  study s{how};
  EXPECT_EQ(s.trials().size(), 5U);
  const auto left = s.ask();
  EXPECT_EQ(left->number, 4U) << "what was left open comes first";
  s.tell(*left, 4);
  int more = 0;
  for (; auto t = s.ask(); ++more) s.tell(*t, 10);
  EXPECT_EQ(more, 5);
  EXPECT_EQ(s.over(), ending::exhausted);
  EXPECT_EQ(s.best()->value, 0);
}

TEST(StoredStudy, IsNotMadeWithSettingsThatAreRefused) {
  const database there;
  auto how = ten_points();
  how.storage = there.url();
  how.sampler = "gird";
  EXPECT_THAT(refusal([&] { study{how}; }), HasSubstr("is no sampler"));
  how.sampler = "grid";
  EXPECT_TRUE(study{how}.ask()) << "the name is free";
}

TEST(StoredStudy, SharesItsPointsWithAnotherOfTheSameName) {
  const database there;
  auto how = ten_points();
  how.storage = there.url();
  how.load_if_exists = true;
  how.sampler = "random";
  study a{how};
  how.seed = 2;
  study b{how};
  std::set<int> seen;
  bool is_some = true;
  while (std::exchange(is_some, false))
    for (auto* s : {&a, &b})
      if (auto t = s->ask()) {
        is_some = true;
        EXPECT_TRUE(seen.insert(t->get<int>("x")).second) << "a point came twice";
        s->tell(*t, 1);
      }
  EXPECT_EQ(seen.size(), 10U);
}

TEST(StoredStudy, KeepsEnqueuedPointsAndReports) {
  const database there;
  auto how = ten_points();
  how.storage = there.url();
  how.load_if_exists = true;
  {
    study s{how};
    s.enqueue({{"x", "8"}});
    const auto t = s.ask();
    EXPECT_EQ(t->get<int>("x"), 8);
    (void)s.report(*t, 3, 0.5);
    s.tell(*t, 1);
    s.enqueue({{"x", "5"}});
  }
  study s{how};
  EXPECT_THAT(s.trials().at(0).reports, ElementsAre(std::pair{3L, 0.5}));
  EXPECT_EQ(s.ask()->get<int>("x"), 5);
}

}  // namespace
}  // namespace fabric
