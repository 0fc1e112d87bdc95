#include "actors/daemon/doctor_program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fabric::daemon {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t noon = 1'767'268'800'000;

TEST(ClocksOfTwoMachines, MayBeAMinuteApart) {
  EXPECT_EQ(compare_clocks(noon, noon).is, finding::level::fine);
  EXPECT_EQ(compare_clocks(noon + 60'000, noon).is, finding::level::fine);
  EXPECT_EQ(compare_clocks(noon - 60'000, noon).is, finding::level::fine);
}

TEST(ClocksOfTwoMachines, ThatAreFurtherApartAreNotedWithTheSideThatIsBehind) {
  const auto behind = compare_clocks(noon, noon + 90'000);
  EXPECT_EQ(behind.is, finding::level::note);
  EXPECT_THAT(behind.detail, HasSubstr("90.0 s behind the head's"));
  const auto ahead = compare_clocks(noon + 7'200'000, noon);
  EXPECT_THAT(ahead.detail, HasSubstr("2.0 h ahead of the head's"));
  EXPECT_THAT(ahead.remedy, HasSubstr("NTP"));
}

TEST(ThisProgram, NamesItsLibrariesAndIsHardened) {
  const auto all = look_at_program();
  EXPECT_EQ(all.front().what, "libraries");
  for (const auto* name : {"libzmq ", "libsodium ", "SQLite ", "CAF 0."})
    EXPECT_THAT(all.front().detail, HasSubstr(name));
  EXPECT_EQ(all.back().what, "program");
  EXPECT_EQ(all.back().is, finding::level::fine) << all.back().detail;
}

}  // namespace
}  // namespace fabric::daemon
