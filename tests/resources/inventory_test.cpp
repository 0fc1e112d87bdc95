#include "resources/inventory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "resources/check.hpp"
#include "tests/resources/attempts.hpp"

namespace fabric {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

demand cpus(milli amount) { return {{{"cpu", amount}}, {}}; }
gpu_share whole(std::string id) { return {std::move(id), units(1)}; }

capacity a_node(std::int64_t gpu_count) {
  capacity has{{{"cpu", units(4)}, {"gpu", units(gpu_count)}}, {}, {{"zone", "home"}}};
  for (std::int64_t n = 0; n < gpu_count; ++n) has.gpu_ids.push_back(std::to_string(n));
  return has;
}

TEST(Inventory, TakesAndGivesBackExactly) {
  inventory node{a_node(2)};
  const auto before = node.free();
  ASSERT_TRUE(node.reserve(attempt(1), {{{"cpu", milli{1500}}, {"gpu", milli{250}}}, {}}));
  EXPECT_EQ(node.free(), (resource_set{{"cpu", milli{2500}}, {"gpu", milli{1750}}}));
  EXPECT_EQ(node.used(), (resource_set{{"cpu", milli{1500}}, {"gpu", milli{250}}}));
  EXPECT_TRUE(node.holds(attempt(1)));
  EXPECT_TRUE(node.release(attempt(1)));
  EXPECT_EQ(node.free(), before);
  EXPECT_EQ(node.used(), resource_set{});
  EXPECT_EQ(node.holders(), 0U);
}

TEST(Inventory, RefusesWhatDoesNotFitAndStaysAsItWas) {
  inventory node{a_node(1)};
  ASSERT_TRUE(node.reserve(attempt(1), cpus(units(3))));
  EXPECT_FALSE(node.fits(cpus(milli{1001})));
  EXPECT_EQ(node.reserve(attempt(2), cpus(milli{1001})), std::nullopt);
  EXPECT_FALSE(node.holds(attempt(2)));
  EXPECT_EQ(node.free()["cpu"], units(1));
  EXPECT_TRUE(node.fits(cpus(units(1))));
  EXPECT_TRUE(node.is_balanced());
}

TEST(Inventory, ReleasesOnce) {
  inventory node{a_node(1)};
  ASSERT_TRUE(node.reserve(attempt(1), cpus(units(1))));
  EXPECT_TRUE(node.release(attempt(1)));
  EXPECT_FALSE(node.release(attempt(1)));
  EXPECT_FALSE(node.release(attempt(9)));
  EXPECT_EQ(node.free()["cpu"], units(4));
}

TEST(Inventory, TellsAttemptsOfOneTaskApart) {
  inventory node{a_node(0)};
  const attempt_id first{{job_id{1}, 0}, 1};
  const attempt_id second{{job_id{1}, 0}, 2};
  ASSERT_TRUE(node.reserve(first, cpus(units(1))));
  ASSERT_TRUE(node.reserve(second, cpus(units(2))));
  EXPECT_TRUE(node.release(first));
  EXPECT_EQ(node.used()["cpu"], units(2));
}

TEST(Inventory, HoldsAnEmptyDemandToo) {
  inventory node{{}};
  EXPECT_THAT(node.reserve(attempt(1), {}), Optional(IsEmpty()));
  EXPECT_TRUE(node.holds(attempt(1)));
  EXPECT_TRUE(node.is_balanced());
}

TEST(Inventory, GivesTheLowestNumberedFreeGpus) {
  inventory node{a_node(4)};
  EXPECT_THAT(node.reserve(attempt(1), gpus(units(1))), Optional(ElementsAre(whole("0"))));
  EXPECT_THAT(node.reserve(attempt(2), gpus(units(2))),
              Optional(ElementsAre(whole("1"), whole("2"))));
  node.release(attempt(1));
  EXPECT_THAT(node.reserve(attempt(3), gpus(units(2))),
              Optional(ElementsAre(whole("0"), whole("3"))));
}

TEST(Inventory, PutsAShareOntoTheFullestGpuWithRoom) {
  inventory node{a_node(3)};
  const auto share = [&](std::uint64_t job, std::int64_t amount) {
    const auto given = node.reserve(attempt(job), gpus({amount}));
    return given && given->size() == 1 && given->front().share == milli{amount}
               ? given->front().id
               : std::string("none");
  };
  EXPECT_EQ(share(1, 500), "0");  // all are empty: the lowest number
  EXPECT_EQ(share(2, 700), "1");  // no room on 0
  EXPECT_EQ(share(3, 300), "1");  // 1 is fuller than 0
  EXPECT_EQ(share(4, 500), "0");
  EXPECT_EQ(share(5, 1), "2");
  EXPECT_TRUE(node.is_balanced());
}

TEST(Inventory, KeepsWholeGpusFreeOfSharedOnes) {
  inventory node{a_node(2)};
  ASSERT_TRUE(node.reserve(attempt(1), gpus({1})));
  EXPECT_FALSE(node.fits(gpus(units(2))));
  EXPECT_THAT(node.reserve(attempt(2), gpus(units(1))), Optional(ElementsAre(whole("1"))));
  EXPECT_FALSE(node.fits(gpus(units(1))));
  EXPECT_TRUE(node.fits(gpus({999})));
}

TEST(Inventory, DoesNotPieceAShareTogether) {
  inventory node{a_node(2)};
  ASSERT_TRUE(node.reserve(attempt(1), gpus({750})));
  ASSERT_TRUE(node.reserve(attempt(2), gpus({750})));
  EXPECT_EQ(node.free()["gpu"], milli{500});
  EXPECT_FALSE(node.fits(gpus({500})));
  EXPECT_EQ(node.reserve(attempt(3), gpus({500})), std::nullopt);
  EXPECT_TRUE(node.fits(gpus({250})));
  EXPECT_TRUE(node.could_ever_fit(gpus({500})));
}

TEST(Inventory, NeverFitsADemandThatMakesNoSense) {
  inventory node{a_node(4)};
  demand negative;
  negative.amounts.set("cpu", milli{-1000});
  for (const auto& needs : {gpus({1500}), negative}) {
    EXPECT_FALSE(node.fits(needs));
    EXPECT_FALSE(node.could_ever_fit(needs));
    EXPECT_EQ(node.reserve(attempt(1), needs), std::nullopt);
  }
}

TEST(Inventory, CouldEverFitLooksAtTheTotal) {
  inventory node{a_node(1)};
  ASSERT_TRUE(node.reserve(attempt(1), cpus(units(4))));
  EXPECT_FALSE(node.fits(cpus(units(1))));
  EXPECT_TRUE(node.could_ever_fit(cpus(units(4))));
  EXPECT_FALSE(node.could_ever_fit(cpus(units(5))));
  EXPECT_FALSE(node.could_ever_fit(gpus(units(2))));
  EXPECT_FALSE(node.could_ever_fit({{{"fpga", milli{1}}}, {}}));
}

TEST(Inventory, AsksTheLabels) {
  inventory node{a_node(1)};
  using relation = label_condition::relation;
  const demand here{{}, {{"zone", relation::equals, "home"}}};
  const demand elsewhere{{}, {{"zone", relation::equals, "lab"}}};
  const demand not_here{{}, {{"zone", relation::differs, "home"}}};
  EXPECT_TRUE(node.fits(here));
  EXPECT_TRUE(node.could_ever_fit(here));
  EXPECT_FALSE(node.fits(elsewhere));
  EXPECT_FALSE(node.could_ever_fit(elsewhere));
  EXPECT_FALSE(node.could_ever_fit(not_here));
  EXPECT_EQ(node.reserve(attempt(1), elsewhere), std::nullopt);
}

TEST(Inventory, HoldsEachAttemptOnce) {
  const auto previous =
      set_check_handler([](const char*, int, const char* claim) { throw std::logic_error(claim); });
  inventory node{a_node(1)};
  ASSERT_TRUE(node.reserve(attempt(1), cpus(units(1))));
  EXPECT_THROW(node.reserve(attempt(1), cpus(units(1))), std::logic_error);
  EXPECT_THROW(node.adopt(attempt(1), cpus(units(1)), {}), std::logic_error);
  EXPECT_THROW(inventory({{{"gpu", units(2)}}, {"0"}, {}}), std::logic_error);
  set_check_handler(previous);
}

}  // namespace
}  // namespace fabric
