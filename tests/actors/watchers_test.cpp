#include "actors/gateway/watchers.hpp"

#include <gtest/gtest.h>

namespace fabric::actors {
namespace {

TEST(Watchers, EachHearsOfItsOwnJobs) {
  watchers all;
  all.add(session_id{1}, job_id{10});
  all.add(session_id{2}, job_id{10});
  all.add(session_id{2}, job_id{11});
  EXPECT_EQ(all.of(job_id{10}), (std::vector{session_id{1}, session_id{2}}));
  EXPECT_EQ(all.of(job_id{11}), std::vector{session_id{2}});
  EXPECT_TRUE(all.of(job_id{12}).empty());
}

TEST(Watchers, ASessionThatEndsWatchesNothing) {
  watchers all;
  all.add(session_id{1}, job_id{10});
  all.add(session_id{2}, job_id{10});
  all.forget(session_id{1});
  EXPECT_EQ(all.of(job_id{10}), std::vector{session_id{2}});
}

TEST(Watchers, AJobThatIsOverIsWatchedByNobody) {
  watchers all;
  all.add(session_id{1}, job_id{10});
  all.forget(job_id{10});
  EXPECT_TRUE(all.of(job_id{10}).empty());
  all.forget(session_id{1});
}

}  // namespace
}  // namespace fabric::actors
