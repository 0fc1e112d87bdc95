#include "actors/program/side_work.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <semaphore>
#include <string>

namespace fabric::actors {
namespace {

/// A link's thread that is woken.
struct woken_link {
  std::counting_semaphore<> calls{0};
  side_work aside{[this] { calls.release(); }};

  /// Until so many things are done.
  void await(int things) {
    while (things-- > 0) calls.acquire();
    aside.turn();
  }
};

TEST(SideWork, IsDoneInOrderAndTellsOnTheLinksThread) {
  woken_link link;
  std::string order;
  const auto links_thread = std::this_thread::get_id();
  for (const char each : {'a', 'b', 'c'})
    link.aside.run([&, each]() -> side_work::news {
      EXPECT_NE(std::this_thread::get_id(), links_thread);
      return [&, each] {
        EXPECT_EQ(std::this_thread::get_id(), links_thread);
        order += each;
      };
    });
  link.await(3);
  EXPECT_EQ(order, "abc");
  EXPECT_TRUE(link.aside.is_idle());
}

TEST(SideWork, LeavesTheLinkFreeMeanwhile) {
  woken_link link;
  std::latch may_end{1};
  link.aside.run([&] {
    may_end.wait();
    return side_work::news{};
  });
  link.aside.turn();
  EXPECT_FALSE(link.aside.is_idle());
  may_end.count_down();
  link.await(1);
  EXPECT_TRUE(link.aside.is_idle());
}

TEST(SideWork, IsNotIdleBeforeItsNewsAreTold) {
  woken_link link;
  link.aside.run([] { return side_work::news{[] {}}; });
  link.calls.acquire();
  EXPECT_FALSE(link.aside.is_idle());
  link.aside.turn();
  EXPECT_TRUE(link.aside.is_idle());
}

TEST(SideWork, EndsWithWhatHasBegunAndDropsTheRest) {
  woken_link link;
  std::latch has_begun{1};
  std::atomic<bool> was_done = false;
  link.aside.run([&] {
    has_begun.count_down();
    was_done = true;
    return side_work::news{[] { ADD_FAILURE() << "nobody listens any more"; }};
  });
  has_begun.wait();
  link.aside.close();
  EXPECT_TRUE(was_done);
  link.aside.run([] {
    ADD_FAILURE() << "it was given after the end";
    return side_work::news{};
  });
  link.aside.turn();
  link.aside.close();
}

TEST(SideWork, DropsWhatWaitsWithoutRunningIt) {
  woken_link link;
  std::latch has_begun{1};
  std::latch may_end{1};
  link.aside.run([&] {
    has_begun.count_down();
    may_end.wait();
    return side_work::news{};
  });
  const auto kept = std::make_shared<int>(1);
  link.aside.run([kept] {
    ADD_FAILURE() << "it had not begun";
    return side_work::news{};
  });
  has_begun.wait();
  std::thread closes([&] { link.aside.close(); });
  while (kept.use_count() > 1) std::this_thread::yield();
  may_end.count_down();
  closes.join();
}

}  // namespace
}  // namespace fabric::actors
