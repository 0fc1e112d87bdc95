#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resources/inventory.hpp"
#include "tests/resources/attempts.hpp"

namespace fabric {
namespace {

using testing::ElementsAre;
using testing::Optional;

capacity two_gpus() { return {{{"cpu", units(4)}, {"gpu", units(2)}}, {"0", "1"}, {}}; }

TEST(Adopt, TakesTheGpusThatTheAttemptHas) {
  inventory node{two_gpus()};
  node.adopt(attempt(1), gpus(units(1)), {{"1", units(1)}});
  EXPECT_EQ(node.free()["gpu"], units(1));
  EXPECT_THAT(node.reserve(attempt(2), gpus(units(1))),
              Optional(ElementsAre(gpu_share{"0", units(1)})));
  EXPECT_TRUE(node.is_balanced());
}

TEST(Adopt, SkipsGpusAndNamesThatNoLongerExist) {
  inventory node{two_gpus()};
  node.adopt(attempt(1), {{{"gpu", units(2)}, {"fpga", units(1)}, {"cpu", units(1)}}, {}},
             {{"1", units(1)}, {"7", units(1)}});
  EXPECT_EQ(node.used(), (resource_set{{"cpu", units(1)}, {"gpu", units(1)}}));
  EXPECT_TRUE(node.is_balanced());
  EXPECT_TRUE(node.release(attempt(1)));
  EXPECT_EQ(node.free(), two_gpus().amounts);
}

TEST(ReserveAgain, TakesTheSameGpusOrNothing) {
  inventory node{two_gpus()};
  node.adopt(attempt(1), gpus(units(1)), {{"1", units(1)}});
  EXPECT_FALSE(node.reserve_again(attempt(2), gpus(units(1)), {{"1", units(1)}}));
  EXPECT_TRUE(node.release(attempt(1)));
  EXPECT_FALSE(node.reserve_again(attempt(2), {{{"cpu", units(5)}, {"gpu", units(1)}}, {}},
                                  {{"1", units(1)}}));
  EXPECT_TRUE(node.reserve_again(attempt(2), gpus(units(1)), {{"1", units(1)}}));
  EXPECT_THAT(node.reserve(attempt(3), gpus(units(1))),
              Optional(ElementsAre(gpu_share{"0", units(1)})));
  EXPECT_TRUE(node.is_balanced());
}

TEST(Adopt, OfGpusOnANodeWithoutAnyHoldsNone) {
  inventory node{{{{"cpu", units(1)}}, {}, {}}};
  node.adopt(attempt(1), gpus(units(2)), {{"0", units(1)}, {"1", units(1)}});
  EXPECT_TRUE(node.holds(attempt(1)));
  EXPECT_EQ(node.free(), (resource_set{{"cpu", units(1)}}));
  EXPECT_TRUE(node.is_balanced());
}

TEST(Adopt, MayOvercommitUntilARelease) {
  inventory node{two_gpus()};
  node.adopt(attempt(1), {{{"cpu", units(3)}, {"gpu", units(1)}}, {}}, {{"0", units(1)}});
  node.adopt(attempt(2), {{{"cpu", units(3)}, {"gpu", units(1)}}, {}}, {{"0", units(1)}});
  EXPECT_EQ(node.free()["cpu"], units(-2));
  EXPECT_EQ(node.used()["cpu"], units(6));
  EXPECT_TRUE(node.is_balanced());
  EXPECT_FALSE(node.fits({{{"cpu", milli{1}}}, {}}));
  EXPECT_TRUE(node.fits({}));

  node.release(attempt(1));
  EXPECT_EQ(node.free()["cpu"], units(1));
  EXPECT_TRUE(node.is_balanced());
  node.release(attempt(2));
  EXPECT_EQ(node.free(), two_gpus().amounts);
}

TEST(Adopt, LeavesTheOtherGpuUsableWhenOneIsOvercommitted) {
  inventory node{two_gpus()};
  node.adopt(attempt(1), gpus(units(1)), {{"0", units(1)}});
  node.adopt(attempt(2), gpus({500}), {{"0", milli{500}}});
  // GPU 1 is free, but the sum of the free GPUs is 0.5.
  EXPECT_EQ(node.free()["gpu"], milli{500});
  EXPECT_TRUE(node.fits(gpus({500})));
  node.release(attempt(2));
  EXPECT_TRUE(node.fits(gpus(units(1))));
}

TEST(Adopt, SkipsSharesThatNoNodeCouldHaveGiven) {
  inventory node{two_gpus()};
  node.adopt(attempt(1), gpus(units(1)),
             {{"0", milli{-500}},
              {"0", milli{1001}},
              {"0", milli{0}},
              {"1", milli{400}},
              {"1", milli{600}}});
  EXPECT_EQ(node.used(), (resource_set{{"gpu", milli{400}}}));
  EXPECT_TRUE(node.is_balanced());
}

TEST(Adopt, DoesNotAskTheLabels) {
  inventory node{two_gpus()};
  node.adopt(attempt(1), {{{"cpu", units(1)}}, {{"zone", {}, "gone"}}}, {});
  EXPECT_EQ(node.used()["cpu"], units(1));
}

}  // namespace
}  // namespace fabric
