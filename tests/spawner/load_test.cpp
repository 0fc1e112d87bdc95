#include <gtest/gtest.h>

#include "tests/spawner/support.hpp"

namespace fabric::spawner {
namespace {

using namespace testing;

TEST(AThousandTasksAtOnce, AllEndAndLeaveNoZombiesAndNoDescriptors) {
  running_spawner spawner;
  EXPECT_EQ(spawner.run(a_program(attempt(5000), {"true"})).exit_code, 0);
  const std::size_t before = open_files_of(spawner->pid());
  for (std::uint64_t i = 1; i <= 1000; ++i) spawner.send(a_program(attempt(i), {"/bin/true"}));
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    const auto end = spawner.ended(attempt(i));
    ASSERT_EQ(why(end), end_reason::exited);
    ASSERT_EQ(end.exit_code, 0);
  }
  EXPECT_EQ(open_files_of(spawner->pid()), before);
  EXPECT_EQ(zombies_below(spawner->pid()), 0U);
}

TEST(ThreeHundredTasksThatRunTogether, AreAllThereAndAllEndTogether) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  for (std::uint64_t i = 1; i <= 300; ++i)
    spawner.send(a_script(attempt(i), "echo up > " + up.path() + "; exec sleep 1000"));
  ASSERT_TRUE(up.passed(300));
  for (std::uint64_t i = 1; i <= 300; ++i) spawner.send(transport::spawner::kill{attempt(i), 60s});
  for (std::uint64_t i = 1; i <= 300; ++i)
    ASSERT_EQ(why(spawner.ended(attempt(i))), end_reason::killed);
  EXPECT_EQ(zombies_below(spawner->pid()), 0U);
}

TEST(TasksThatCannotStart, LeaveNoDescriptors) {
  running_spawner spawner;
  auto what = a_program(attempt(1), {"no-such-program"});
  what.stdin_data = "some input";
  spawner.run(what);
  const std::size_t before = open_files_of(spawner->pid());
  for (std::uint64_t i = 2; i <= 100; ++i) {
    what.id = attempt(i);
    ASSERT_EQ(why(spawner.run(what)), end_reason::not_started);
  }
  EXPECT_EQ(open_files_of(spawner->pid()), before);
  EXPECT_EQ(zombies_below(spawner->pid()), 0U);
}

TEST(SendersInSeveralThreads, DoNotMixTheirMessages) {
  running_spawner spawner;
  std::vector<std::thread> senders;
  for (std::uint64_t s = 0; s < 4; ++s)
    senders.emplace_back([&, s] {
      for (std::uint64_t i = 0; i < 50; ++i) {
        auto what = a_program(attempt(1000 * s + i), {"wc", "-c"});
        what.stdin_data = std::string(100'000 + s, 'x');
        spawner.send(what);
      }
    });
  for (auto& sender : senders) sender.join();
  for (std::uint64_t s = 0; s < 4; ++s)
    for (std::uint64_t i = 0; i < 50; ++i)
      ASSERT_EQ(spawner.ended(attempt(1000 * s + i)).stdout_tail,
                std::to_string(100'000 + s) + "\n");
}

}  // namespace
}  // namespace fabric::spawner
