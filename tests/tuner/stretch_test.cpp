#include "scheduler/tuner/samplers/stretch.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "scheduler/tuner/draws.hpp"

namespace fabric::tuner {
namespace {

constexpr const char* declarations[] = {
    "x=int(-3,20)",    "x=int(0,1000,step=7)",  "x=int(1,5000,log)",
    "x=float(0,1)",    "x=float(-1e308,1e308)", "x=float(1e-9,1e9,log)",
    "x=choice(a,b,c)", "x=float(0,1,step=0.1)", "x=int(-9223372036854775808,9223372036854775807)",
};

TEST(CellOf, HoldsTheFractionThatWasStretched) {
  draws from(3, 0);
  for (const auto* declaration : declarations) {
    const auto p = parse_parameter(declaration).value();
    for (int i = 0; i < 2000; ++i) {
      const double u = from.unit();
      const auto cell = cell_of(p, stretched(p, u));
      EXPECT_LE(cell.low, u + 1e-9) << declaration;
      EXPECT_GE(cell.high, u - 1e-9) << declaration;
      EXPECT_LE(cell.low, cell.middle) << declaration;
      EXPECT_GE(cell.high, cell.middle) << declaration;
    }
  }
}

TEST(CellOf, TheCellsOfADiscreteRangeMakeUpTheWhole) {
  for (const auto* declaration : {"x=int(-3,20)", "x=int(1,300,log)", "x=choice(a,b,c)"}) {
    const auto p = parse_parameter(declaration).value();
    double end = 0;
    for (coordinate c = 0; c < *p.cardinality(); ++c) {
      const auto cell = cell_of(p, c);
      EXPECT_NEAR(cell.low, end, 1e-12) << declaration << " " << c;
      end = cell.high;
    }
    EXPECT_DOUBLE_EQ(end, 1) << declaration;
  }
}

}  // namespace
}  // namespace fabric::tuner
