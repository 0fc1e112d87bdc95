#include "resources/check.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace fabric {
namespace {

void throw_claim(const char*, int, const char* claim) { throw std::logic_error(claim); }

TEST(Check, PassesATrueClaimWithoutCallingTheHandler) {
  const auto previous = set_check_handler(&throw_claim);
  EXPECT_NO_THROW(FABRIC_CHECK(1 + 1 == 2));
  EXPECT_EQ(set_check_handler(previous), &throw_claim);
}

TEST(Check, GivesTheHandlerTheClaim) {
  const auto previous = set_check_handler(&throw_claim);
  std::string claim;
  try {
    FABRIC_CHECK(1 + 1 == 3);
  } catch (const std::logic_error& broken) {
    claim = broken.what();
  }
  set_check_handler(previous);
  EXPECT_EQ(claim, "1 + 1 == 3");
}

TEST(CheckDeathTest, AbortsWithPlaceAndClaimByDefault) {
  EXPECT_DEATH(FABRIC_CHECK(1 + 1 == 3), "check_test.cpp:[0-9]+: broken claim: 1 \\+ 1 == 3");
}

TEST(CheckDeathTest, AbortsEvenWhenTheHandlerReturns) {
  EXPECT_DEATH(
      {
        set_check_handler([](const char*, int, const char*) {});
        FABRIC_CHECK(false);
      },
      "");
}

}  // namespace
}  // namespace fabric
