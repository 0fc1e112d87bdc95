#include "scheduler/tuner/ledger.hpp"

#include <gtest/gtest.h>

#include <bit>

#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

TEST(Ledger, CostsNothingForThePointsOfAHugeGrid) {
  const auto s = a_space({"x=int(1,1000000000000000)"});
  ledger points(s);
  EXPECT_EQ(points.free(), 1'000'000'000'000'000u);
  points.lease({999}, 0);
  EXPECT_EQ(points.free(), 999'999'999'999'999u);
  EXPECT_EQ(points.touched(), 1u);
  EXPECT_TRUE(points.is_free(998));
  EXPECT_FALSE(points.is_free(999));
}

TEST(Ledger, PointGoesFromFreeToLeasedToDoneAndNeverBack) {
  const auto s = a_space({"x=int(1,3)", "y=float(0,1)"});
  ledger points(s);
  const point p{1, std::bit_cast<coordinate>(0.5)};
  EXPECT_TRUE(points.is_free(p));
  points.lease(p, 4);
  EXPECT_EQ(points.find(p)->leases, 1u);
  EXPECT_EQ(points.leases(), 1u);
  points.release(p, {{0.25}});
  EXPECT_FALSE(points.is_free(p));
  EXPECT_EQ(points.leases(), 0u);
  EXPECT_EQ(points.find(p)->owner, 4u);
  EXPECT_EQ(points.found(*points.find(p)).values, std::vector{0.25});
  EXPECT_TRUE(points.is_free({1, std::bit_cast<coordinate>(0.25)}));
  EXPECT_TRUE(points.is_free({0, std::bit_cast<coordinate>(0.5)}));
  EXPECT_EQ(points.broken_invariant(), "");
}

TEST(Ledger, ForgetsOnlyAPointThatItsOwnerLeftWithoutAWord) {
  const auto over = a_space({"x=int(1,3)"});
  ledger points(over);
  points.settle({0}, 7, {});
  EXPECT_FALSE(points.forget({0}, 8)) << "another's";
  EXPECT_TRUE(points.forget({0}, 7));
  EXPECT_TRUE(points.is_free(point{0}));
  EXPECT_EQ(points.touched(), 0U);
  points.settle({1}, 7, {{4.0}});
  EXPECT_FALSE(points.forget({1}, 7)) << "it has a value";
  points.lease({2}, 7);
  EXPECT_FALSE(points.forget({2}, 7)) << "it is being evaluated";
  EXPECT_TRUE(points.forget({0}, 7)) << "it is free";
  EXPECT_EQ(points.broken_invariant(), "");
}

TEST(Ledger, RepeatedPointKeepsItsFirstValueAndOwner) {
  const auto s = a_space({"x=int(1,3)"});
  ledger points(s);
  points.lease({0}, 1);
  points.lease({0}, 2);
  points.release({0}, {{5.0}});
  points.release({0}, {{6.0}});
  points.settle({0}, 3, {{7.0}});
  EXPECT_EQ(points.find({0})->owner, 1u);
  EXPECT_EQ(points.found(*points.find({0})).values, std::vector{5.0});
  EXPECT_EQ(points.free(), 2u);
}

}  // namespace
}  // namespace fabric::tuner
