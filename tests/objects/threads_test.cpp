#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/objects/store_fixture.hpp"

namespace fabric::objects {
namespace {

using namespace std::chrono_literals;

struct Threads : Store {};

TEST_F(Threads, ShareOneDoor) {
  auto how = options();
  how.memory_max = 12 * page;
  auto store = open(how);
  std::atomic<int> failures{0};
  std::vector<std::thread> crowd;
  for (std::uint64_t who = 0; who < 4; ++who)
    crowd.emplace_back([&store, &failures, who] {
      for (std::uint64_t i = 0; i < 100; ++i) {
        const auto id = numbered(who * 1000 + i);
        const auto held = store.put(id, bytes_of(i, 2 * page));
        const auto seen = store.find(id);
        if (!held || !seen || !holds(*seen, i)) ++failures;
        const auto other = store.find(numbered((who + 1) % 4 * 1000 + i));
        if (other && !holds(*other, i)) ++failures;
        if (i % 10 == 0 && !store.sweep()) ++failures;
      }
    });
  for (auto& one : crowd) one.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(store.usage()->objects, 0U);
  EXPECT_EQ(files(), 0U);
}

TEST_F(Threads, FillPartsOfOneObjectAtOnce) {
  auto store = open();
  auto made = store.create(numbered(1), 32 * page);
  ASSERT_OK(made);
  const auto bytes = bytes_of(1, 32 * page);
  std::atomic<int> failures{0};
  std::vector<std::thread> crowd;
  for (std::size_t who = 0; who < 4; ++who)
    crowd.emplace_back([&, who] {
      for (std::size_t part = who; part < 32; part += 4)
        if (!made->write_at(part * page, std::span{bytes}.subspan(part * page, page))) ++failures;
    });
  for (auto& one : crowd) one.join();
  EXPECT_EQ(failures, 0);
  const auto held = std::move(*made).seal();
  ASSERT_OK(held);
  EXPECT_TRUE(holds(*store.find(numbered(1)), 1));
}

TEST_F(Threads, AreWokenByOneThatSeals) {
  auto store = open();
  std::atomic<int> found_it{0};
  std::vector<std::thread> crowd;
  for (int i = 0; i < 3; ++i)
    crowd.emplace_back([&] {
      const auto seen = store.find(numbered(1), 60s);
      if (seen && holds(*seen, 1)) ++found_it;
    });
  const auto held = store.put(numbered(1), bytes_of(1, page));
  ASSERT_OK(held);
  for (auto& one : crowd) one.join();
  EXPECT_EQ(found_it, 3);
}

}  // namespace
}  // namespace fabric::objects
