#include "bench/harness/report.hpp"

#include <gmock/gmock.h>

namespace fabric::bench {
namespace {

using testing::HasSubstr;

TEST(Table, ShowsWhatOthersPublishBesideOurs) {
  measurement m{.case_name = "calls", .figure = "sync", .unit = "us", .value = 100};
  m.published = published_figure{"Ray", 1050.4, "us", "64 vCPUs", "a file"};
  EXPECT_THAT(table_of({m}), HasSubstr("Ray 1,050 us"));
}

TEST(Table, SaysWhetherAnAimWasMet) {
  measurement m{.case_name = "calls", .figure = "sync", .unit = "us", .value = 100, .ratio = 2};
  m.wanted = aim{aim::measure::ratio, aim::side::at_most, 2.5};
  EXPECT_THAT(table_of({m}), HasSubstr("<= 2.500x met"));
  m.ratio = 3;
  EXPECT_THAT(table_of({m}), HasSubstr("<= 2.500x MISSED"));
}

}  // namespace
}  // namespace fabric::bench
