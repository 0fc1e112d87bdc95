#include "actors/objects/tidying.hpp"

#include <gtest/gtest.h>

#include "actors/objects/settings.hpp"
#include "tests/objects/store_fixture.hpp"

namespace fabric::objects {
namespace {

struct Tidying : Store {
  /// A process that holds an object and is killed.
  void leave_an_object(std::uint64_t number) const {
    child other{[&](child& self) {
      auto theirs = host_store::open(options());
      const auto held = theirs->put(numbered(number), bytes_of(number, page));
      self.say();
      self.hear();
      return false;
    }};
    other.await_word();
    other.kill();
  }
};

TEST_F(Tidying, MakesNothingWhereThereIsNoStore) {
  ASSERT_OK(tidy_store(options()));
  EXPECT_FALSE(std::filesystem::exists(folder()));
}

TEST_F(Tidying, RemovesAStoreWhoseProcessesWereAllKilled) {
  leave_an_object(1);
  EXPECT_EQ(files(), 1U);
  ASSERT_OK(tidy_store(options()));
  EXPECT_FALSE(std::filesystem::exists(folder()));
}

TEST_F(Tidying, FreesWhatTheDeadHeldAndLeavesTheRestToTheLiving) {
  auto store = open();
  const auto mine = store.put(numbered(1), bytes_of(1, page));
  ASSERT_OK(mine);
  leave_an_object(2);
  EXPECT_EQ(files(), 2U);
  ASSERT_OK(tidy_store(options()));
  EXPECT_EQ(files(), 1U);
  EXPECT_TRUE(holds(*store.map(*mine), 1));
}

TEST(StoreSettings, AreReadInAnyOrder) {
  const auto read = read_settings("disk=/scratch,disk_bytes=10MiB,name=a,memory=1GiB");
  ASSERT_OK(read);
  const auto made = options_of(*read);
  EXPECT_EQ(made.instance, "a");
  EXPECT_EQ(made.memory_max, std::uint64_t{1} << 30);
  EXPECT_EQ(made.disk_root, "/scratch");
  EXPECT_EQ(made.disk_max, std::uint64_t{10} << 20);
}

TEST(StoreSettings, ThatAreNotGivenAreDefaults) {
  const auto made = options_of(*read_settings(""));
  EXPECT_EQ(made.instance, store_options{}.instance);
  EXPECT_EQ(made.disk_root, store_options{}.disk_root);
  EXPECT_FALSE(made.memory_max);
}

TEST(StoreSettings, ThatMakeNoSenseAreNamed) {
  for (const auto* wrong : {"memory", "colour=red", "memory=lots", ",", "name=a,,"}) {
    const auto read = read_settings(wrong);
    EXPECT_FAULT(fault_code::usage, read);
  }
}

}  // namespace
}  // namespace fabric::objects
