#include "tests/tuner/pruners.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "scheduler/tuner/pruners/hyperband.hpp"
#include "scheduler/tuner/pruners/order_split.hpp"
#include "scheduler/tuner/pruners/wilcoxon.hpp"

namespace fabric::tuner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(History, KeepsStepsInOrderAndTheBestUpToEach) {
  history its{0};
  its.add(5, 3);
  its.add(1, nan);
  its.add(9, 4);
  its.add(3, 2);
  std::vector<std::int64_t> steps;
  std::vector<double> best;
  for (const auto& entry : its.entries()) {
    steps.push_back(entry.step);
    best.push_back(std::isnan(entry.best) ? -1 : entry.best);
  }
  EXPECT_THAT(steps, ElementsAre(1, 3, 5, 9));
  EXPECT_THAT(best, ElementsAre(-1, 2, 2, 2));
  EXPECT_EQ(its.find(5)->loss, 3);
  EXPECT_EQ(its.find(4), nullptr);
}

TEST(History, ForgetsAStepWithAllThatFollowIt) {
  history its{0};
  for (int step = 0; step < 5; ++step) its.add(step, 10 - step);
  its.forget_from(3);
  EXPECT_EQ(its.last().step, 2);
  EXPECT_EQ(its.last().best, 8);
}

TEST(OrderSplit, FindsTheNumbersAtItsCutAsASortDoes) {
  std::mt19937_64 dice{7};
  order_split split;
  std::vector<double> all;
  for (std::size_t n = 1; n <= 300; ++n) {
    all.push_back(static_cast<double>(dice() % 40));
    split.insert(all.back());
    split.cut_at((n + 2) / 3);
    std::ranges::sort(all);
    ASSERT_EQ(split.below(), all[(n + 2) / 3 - 1]) << n;
    if (split.size() > (n + 2) / 3) {
      ASSERT_EQ(split.above(), all[(n + 2) / 3]) << n;
    }
  }
}

TEST(MedianPruner, StopsATrialWhoseBestIsWorseThanTheMedianAtItsStep) {
  jury trials{"median:startup=3"};
  for (trial_number n = 0; n < 3; ++n)
    trials.complete(n, {10, 1 + static_cast<double>(n)});  // 1, 2 and 3 at step 1
  EXPECT_FALSE(trials.report(7, 0, 10));
  EXPECT_FALSE(trials.report(8, 0, 2));
  EXPECT_TRUE(trials.report(7, 1, 2.5));
  EXPECT_FALSE(trials.report(8, 1, 50));  // it had 2 before
}

TEST(MedianPruner, StopsNothingBeforeEnoughTrialsAreComplete) {
  jury trials{"median:startup=2"};
  trials.complete(0, {1});
  EXPECT_FALSE(trials.report(5, 0, 99));
  trials.end(5, trial_state::fail);
  EXPECT_FALSE(trials.report(6, 0, 99));
  trials.end(6, trial_state::pruned);
  trials.complete(1, {1});
  EXPECT_TRUE(trials.report(7, 0, 99));
}

TEST(MedianPruner, JudgesOnlyTheFirstReportOfEachInterval) {
  jury trials{"median:startup=1,warmup=2,interval=3"};
  trials.complete(0, {0, 0, 0, 0, 0, 0, 0, 0, 0});
  std::vector<std::int64_t> stopped;
  for (std::int64_t step = 0; step < 9; ++step)
    if (trials.report(1, step, 5)) stopped.push_back(step);
  EXPECT_THAT(stopped, ElementsAre(2, 5, 8));
}

TEST(MedianPruner, MaximizesWhereTheStudyDoes) {
  jury trials{"median:startup=1", direction::maximize};
  trials.complete(0, {5});
  EXPECT_TRUE(trials.report(1, 0, 4));
  EXPECT_FALSE(trials.report(2, 0, 6));
}

TEST(MedianPruner, StopsATrialThatReportsNoNumber) {
  jury trials{"median:startup=1"};
  trials.complete(0, {5});
  EXPECT_TRUE(trials.report(1, 0, nan));
}

TEST(PercentilePruner, LetsTheBestQuarterGoOn) {
  jury trials{"percentile:at=25,startup=1"};
  for (trial_number n = 0; n < 5; ++n) trials.complete(n, {static_cast<double>(n)});
  EXPECT_FALSE(trials.report(10, 0, 1));  // the first quartile of 0 to 4
  EXPECT_TRUE(trials.report(11, 0, 1.01));
}

TEST(PercentilePruner, NeedsEnoughTrialsAtTheStep) {
  jury trials{"percentile:at=50,startup=1,enough=2"};
  trials.complete(0, {0, 0});
  trials.complete(1, {0});
  EXPECT_FALSE(trials.report(2, 1, 9));
  EXPECT_TRUE(trials.report(3, 0, 9));
}

/// Li et al. 2018, algorithm 2: with factor 3, one in three goes on from each rung.
TEST(Asha, PromotesTheBestThirdOfThoseThatReachedARung) {
  jury trials{"asha:min=1,factor=3"};
  EXPECT_FALSE(trials.report(0, 1, 0.6));  // alone, so the best
  EXPECT_TRUE(trials.report(1, 1, 0.7));
  EXPECT_FALSE(trials.report(2, 1, 0.5));
  EXPECT_TRUE(trials.report(3, 1, 0.55));  // best third of four: one
  EXPECT_TRUE(trials.report(4, 1, 0.8));
  EXPECT_FALSE(trials.report(5, 1, 0.52));  // best third of six: two
  EXPECT_FALSE(trials.report(0, 2, 99));    // between rungs nobody is judged
  EXPECT_FALSE(trials.report(0, 3, 0.4));
  EXPECT_TRUE(trials.report(2, 3, 0.45));
  EXPECT_FALSE(trials.report(5, 3, 0.3));
}

TEST(Asha, JudgesAtEachRungThatAStepLeapsOver) {
  jury trials{"asha:min=1,factor=2"};
  EXPECT_FALSE(trials.report(0, 8, 0.5));  // rungs at 1, 2, 4 and 8
  EXPECT_TRUE(trials.report(1, 1, 0.6));
  EXPECT_FALSE(trials.report(2, 2, 0.4));
  EXPECT_TRUE(trials.report(3, 4, 0.45));
}

TEST(Asha, LeavesOutEarlyRungs) {
  jury trials{"asha:min=1,factor=3,early=1"};
  EXPECT_FALSE(trials.report(0, 1, 0.5));
  EXPECT_FALSE(trials.report(1, 2, 0.9));
  EXPECT_FALSE(trials.report(0, 3, 0.5));
  EXPECT_TRUE(trials.report(1, 3, 0.9));
}

TEST(Asha, StopsAllUntilItsBootstrapIsOver) {
  jury trials{"asha:min=1,factor=2,bootstrap=2"};
  EXPECT_TRUE(trials.report(0, 1, 0.5));
  EXPECT_TRUE(trials.report(1, 1, 0.4));
  EXPECT_FALSE(trials.report(2, 1, 0.3));
}

TEST(Asha, FindsItsLeastStepFromTheFirstCompleteTrial) {
  jury trials{"asha:factor=2"};
  EXPECT_FALSE(trials.report(0, 499, 1));
  trials.end(0);
  EXPECT_FALSE(trials.report(1, 3, 5));  // the first rung is at 499 / 100
  EXPECT_FALSE(trials.report(1, 4, 5));
  EXPECT_FALSE(trials.report(2, 3, 9));
  EXPECT_TRUE(trials.report(2, 4, 9));
}

TEST(Asha, StopsATrialThatReachesARungWithoutANumber) {
  jury trials{"asha:min=2,factor=2"};
  EXPECT_FALSE(trials.report(0, 1, nan));
  EXPECT_TRUE(trials.report(0, 2, nan));
}

/// Li et al. 2017, table 1: R = 81 and eta = 3 give five brackets, whose shares go as
/// ceil(5 * 3^s / (s + 1)).
TEST(Hyperband, SharesTrialsAmongBracketsAsThePaperDoes) {
  const hyperband_pruner pruner{{1, 81, 3, 0}, "s"};
  EXPECT_THAT(pruner.shares(), ElementsAre(81, 34, 15, 8, 5));
  const hyperband_pruner exact{{1, 243, 3, 0}, "s"};
  EXPECT_EQ(exact.shares().size(), 6u);
  const hyperband_pruner single{{5, 5, 3, 0}, "s"};
  EXPECT_THAT(single.shares(), ElementsAre(1));
}

TEST(Hyperband, PutsTrialsIntoBracketsByTheirShares) {
  const hyperband_pruner pruner{{1, 9, 3, 0}, "study"};
  ASSERT_THAT(pruner.shares(), ElementsAre(9, 5, 3));
  std::vector<double> found(3);
  for (trial_number n = 0; n < 17'000; ++n) ++found[pruner.bracket_of(n)];
  EXPECT_NEAR(found[0], 9000, 300);
  EXPECT_NEAR(found[1], 5000, 300);
  EXPECT_NEAR(found[2], 3000, 300);
}

TEST(Hyperband, ComparesTrialsOfOneBracketOnly) {
  const hyperband_pruner names{{1, 9, 3, 0}, "s"};
  jury trials{"hyperband:min=1,max=9"};
  std::vector<int> stopped(3);
  for (trial_number n = 0; n < 100; ++n) {
    const auto bracket = names.bracket_of(n);
    const auto first_rung = bracket == 0 ? 1 : bracket == 1 ? 3 : 9;
    EXPECT_FALSE(trials.report(n, first_rung - 1, static_cast<double>(n))) << n;
    // Each is worse than all before, so only the first few of a bracket pass its first rung.
    stopped[bracket] += trials.report(n, first_rung, static_cast<double>(n)) ? 1 : 0;
  }
  for (std::size_t b = 0; b < 3; ++b) EXPECT_GT(stopped[b], 5) << b;
}

TEST(Hyperband, StopsNothingUntilItKnowsHowLongTrialsAre) {
  jury trials{"hyperband"};
  for (trial_number n = 0; n < 20; ++n) EXPECT_FALSE(trials.report(n, 8, static_cast<double>(n)));
  trials.end(0);
  int stopped = 0;
  for (trial_number n = 1; n < 20; ++n) stopped += trials.report(n, 9, static_cast<double>(n));
  EXPECT_GT(stopped, 5);
}

TEST(PatientPruner, StopsWhereTheLastReportsBringNothingBetter) {
  jury trials{"patient:patience=2"};
  EXPECT_FALSE(trials.report(0, 0, 3));
  EXPECT_FALSE(trials.report(0, 1, 2));
  EXPECT_FALSE(trials.report(0, 2, 4));
  EXPECT_FALSE(trials.report(0, 3, 4));  // 2 is among the last three
  EXPECT_TRUE(trials.report(0, 4, 4));
}

TEST(PatientPruner, AllowsForADeltaBeforeItsPatienceEnds) {
  jury trials{"patient:patience=0,delta=1"};
  EXPECT_FALSE(trials.report(0, 0, 2));
  EXPECT_FALSE(trials.report(0, 1, 3));
  EXPECT_TRUE(trials.report(0, 2, 3.1));
}

TEST(PatientPruner, AsksTheOtherOneWhenItsPatienceEnds) {
  jury trials{"patient:patience=1,of=median:startup=1"};
  trials.complete(0, {5, 5, 5, 5});
  for (int step = 0; step < 3; ++step) EXPECT_FALSE(trials.report(1, step, 9.0 - step));
  EXPECT_FALSE(trials.report(1, 3, 9));  // the last but one was better than what was before
  EXPECT_FALSE(trials.report(2, 0, 1));
  for (int step = 1; step < 4; ++step) EXPECT_FALSE(trials.report(2, step, 4));  // below the median
}

TEST(ThresholdPruner, StopsOutsideOfItsBoundsWhateverTheDirection) {
  for (const auto towards : {direction::minimize, direction::maximize}) {
    jury trials{"threshold:lower=-1,upper=2,warmup=1", towards};
    EXPECT_FALSE(trials.report(0, 0, 9));
    EXPECT_FALSE(trials.report(0, 1, 2));
    EXPECT_FALSE(trials.report(0, 2, -1));
    EXPECT_TRUE(trials.report(0, 3, 2.1));
    EXPECT_TRUE(trials.report(0, 4, -1.1));
    EXPECT_TRUE(trials.report(0, 5, nan));
  }
}

/// Of the 2^n ways to choose signs, the highest sum is one, the next to it another one.
TEST(SignedRanks, CountTheWaysToChooseSigns) {
  EXPECT_DOUBLE_EQ(signed_rank_p({1, 2, 3, 4, 5}), 1.0 / 32);
  EXPECT_DOUBLE_EQ(signed_rank_p({-1, 2, 3, 4, 5}), 2.0 / 32);
  EXPECT_DOUBLE_EQ(signed_rank_p({1, 2, -3, 4, 5}), 5.0 / 32);  // sums 15, 14, 13, 12, 12
  EXPECT_DOUBLE_EQ(signed_rank_p({-1, -2, -3}), 1);
}

TEST(SignedRanks, AreApproximatelyNormalWithZerosAndTies) {
  EXPECT_DOUBLE_EQ(signed_rank_p({0, 0, 0}), 0.5);
  // n = 4: ranks 1.5 1.5 3 4, sum 10 against a mean of 5 and a variance of 7.5 - 6/48.
  EXPECT_NEAR(signed_rank_p({1, 1, 2, 3}), std::erfc(5 / std::sqrt(7.375) / std::sqrt(2.0)) / 2,
              1e-12);
}

/// 51 differences are approximated, 50 are not: the two must nearly agree.
TEST(SignedRanks, MeetTheirApproximation) {
  std::mt19937_64 dice{3};
  for (int round = 0; round < 20; ++round) {
    std::vector<double> differences;
    for (int i = 1; i <= 50; ++i) differences.push_back((dice() % 5 < 3 ? 1.0 : -1.0) * i);
    const double exact = signed_rank_p(differences);
    double above = 0;
    for (const double d : differences) above += d > 0 ? d : 0;
    const double z = (above - 50 * 51 / 4.0) / std::sqrt(50 * 51 * 101 / 24.0);
    EXPECT_NEAR(exact, std::erfc(z / std::sqrt(2.0)) / 2, 0.006);
  }
}

TEST(WilcoxonPruner, StopsATrialThatIsWorseStepForStepThanTheBest) {
  jury trials{"wilcoxon:p=0.1"};
  trials.complete(0, {1, 2, 3, 4, 5});
  trials.complete(1, {9, 9, 9, 9, 9});
  EXPECT_FALSE(trials.report(2, 0, 3.1));
  EXPECT_FALSE(trials.report(2, 1, 4.2));  // p = 1/4
  EXPECT_FALSE(trials.report(2, 2, 5.3));  // p = 1/8
  EXPECT_TRUE(trials.report(2, 3, 6.4));   // p = 1/16
}

TEST(WilcoxonPruner, SparesATrialWhoseMeanIsBetter) {
  jury trials{"wilcoxon:p=0.3"};
  trials.complete(0, {1, 2, 30});
  EXPECT_FALSE(trials.report(1, 0, 1.1));
  EXPECT_FALSE(trials.report(1, 1, 2.2));  // worse at both steps, but better than 11 on the whole
}

TEST(WilcoxonPruner, ComparesCommonStepsOnly) {
  jury trials{"wilcoxon:p=0.3"};
  trials.complete(0, {1, 1});
  EXPECT_FALSE(trials.report(1, 7, 9));
  EXPECT_FALSE(trials.report(1, 8, 9));
  EXPECT_FALSE(trials.report(1, 0, 8));
  EXPECT_TRUE(trials.report(1, 1, 9));
}

TEST(Pruners, SayWhatIsWrongWithTheirSettings) {
  const auto wrong = [](std::string_view text) {
    const auto made = make_pruner(text, {"s"});
    return made ? std::string{} : made.error().detail + "; " + made.error().hint;
  };
  EXPECT_EQ(wrong("mediam"),
            "\"mediam\" is no pruner; the pruners are asha, hyperband, median, none, patient, "
            "percentile, threshold, wilcoxon");
  EXPECT_EQ(wrong("median:startup=x"),
            "pruner \"median\": startup is \"x\", which is no whole number from 0 to "
            "1000000000000; ");
  EXPECT_THAT(
      wrong("median:start=3"),
      HasSubstr("no setting \"start\"; its settings are startup, warmup, interval, enough"));
  EXPECT_THAT(wrong("median:interval=0"), HasSubstr("no whole number from 1"));
  EXPECT_THAT(wrong("median:"), HasSubstr("\"\" is no setting"));
  EXPECT_THAT(wrong("median:startup"), HasSubstr("\"startup\" is no setting"));
  EXPECT_THAT(wrong("median:startup=1,startup=2"), HasSubstr("given twice"));
  EXPECT_THAT(wrong("none:x=1"), HasSubstr("it has none"));
  EXPECT_THAT(wrong("percentile"), HasSubstr("it needs at=P"));
  EXPECT_THAT(wrong("percentile:at=101"), HasSubstr("it needs at=P"));
  EXPECT_THAT(wrong("percentile:at=nan"), HasSubstr("no number"));
  EXPECT_THAT(wrong("asha:factor=1"), HasSubstr("no whole number from 2"));
  EXPECT_THAT(wrong("asha:bootstrap=3"), HasSubstr("bootstrap needs min=N"));
  EXPECT_THAT(wrong("hyperband:min=5,max=4"), HasSubstr("max is below min"));
  EXPECT_THAT(wrong("patient"), HasSubstr("it needs patience=N"));
  EXPECT_THAT(wrong("patient:patience=1,of=medium"), HasSubstr("\"medium\" is no pruner"));
  EXPECT_THAT(wrong("threshold"), HasSubstr("it needs lower=V or upper=V"));
  EXPECT_THAT(wrong("threshold:lower=2,upper=1"), HasSubstr("lower is above upper"));
  EXPECT_THAT(wrong("wilcoxon:p=2"), HasSubstr("from 0 to 1"));
  for (const auto* fine : {"none", "median:startup=5,warmup=0,interval=1,enough=1", "asha:min=auto",
                           "hyperband:max=auto", "patient:patience=3,delta=0.5,of=asha:min=1",
                           "threshold:upper=inf", "wilcoxon"})
    EXPECT_EQ(wrong(fine), "") << fine;
}

}  // namespace
}  // namespace fabric::tuner
