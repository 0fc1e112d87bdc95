#include "actors/tune/tuner_process.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <unistd.h>

namespace fabric::actors {
namespace {

TEST(TunersProcess, IsThereWhileItRuns) {
  const auto own = own_mark().value();
  EXPECT_TRUE(is_running(own, own));
  EXPECT_FALSE(has_ended(own, own));
  EXPECT_NE(own_mark().value().id, own.id);
}

TEST(TunersProcess, HasEndedWhereItsNumberIsAnothers) {
  const auto own = own_mark().value();
  auto earlier = own;
  earlier.started -= 1;
  EXPECT_TRUE(has_ended(earlier, own));
  EXPECT_FALSE(is_running(earlier, own));
}

TEST(TunersProcess, HasEndedWhenItIsDeadAndWhenItIsReaped) {
  const auto own = own_mark().value();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(0);
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  auto mark = own;
  mark.pid = child;
  EXPECT_TRUE(has_ended(mark, own)) << "a zombie tunes nothing";
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(has_ended(mark, own));
}

TEST(TunersProcess, OfAnotherPlaceIsNeverJudged) {
  const auto own = own_mark().value();
  auto mark = own;
  mark.place = "another boot";
  mark.started -= 1;
  EXPECT_FALSE(has_ended(mark, own));
  EXPECT_FALSE(is_running(mark, own));
}

}  // namespace
}  // namespace fabric::actors
