#include "actors/daemon/spelling.hpp"

#include <gtest/gtest.h>

namespace fabric::daemon {
namespace {

const std::vector<std::string> flags = {"param", "sampler", "seed", "storage", "study", "json"};

TEST(Nearest, FindsWhatASlipOfTheFingerMeant) {
  EXPECT_EQ(nearest("parm", flags), "param");
  EXPECT_EQ(nearest("smpler", flags), "sampler");
  EXPECT_EQ(nearest("stroage", flags), "storage");
  EXPECT_EQ(nearest("jsn", flags), "json");
  EXPECT_EQ(nearest("params", flags), "param");
}

TEST(Nearest, GuessesNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest("verbose", flags), std::nullopt);
  EXPECT_EQ(nearest("x", flags), std::nullopt);
  EXPECT_EQ(nearest("", flags), std::nullopt);
  EXPECT_EQ(nearest(std::string(9'999, 'p'), flags), std::nullopt);
}

}  // namespace
}  // namespace fabric::daemon
