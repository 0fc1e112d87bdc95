#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <fstream>

#include "tests/objects/store_fixture.hpp"

namespace fabric::objects {
namespace {

struct Spilling : Store {
  /// Bytes of memory and of disk that the store may use.
  host_store open_small(std::uint64_t memory_pages, std::uint64_t disk_pages) {
    auto how = options();
    how.memory_max = memory_pages * page;
    how.disk_max = disk_pages * page;
    return open(how);
  }
};

/// A file system in memory of a few pages, while it lives.
class small_filesystem {
 public:
  small_filesystem(std::string path, std::uint64_t bytes) : path_(std::move(path)) {
    const auto size = "size=" + std::to_string(bytes);
    is_there_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, size.c_str()) == 0;
  }
  ~small_filesystem() {
    if (is_there_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  small_filesystem(const small_filesystem&) = delete;
  small_filesystem& operator=(const small_filesystem&) = delete;
  [[nodiscard]] bool is_there() const { return is_there_; }

 private:
  std::string path_;
  bool is_there_ = false;
};

#define NEEDS(filesystem) \
  if (!(filesystem).is_there()) GTEST_SKIP() << "a file system cannot be mounted here: not root"

TEST_F(Spilling, TheObjectThatNobodyLookedAtForLongestGoesToDiskAndIsReadBack) {
  auto store = open_small(8, 64);
  const auto one = store.put(numbered(1), bytes_of(1, 4 * page));
  const auto two = store.put(numbered(2), bytes_of(2, 4 * page));
  ASSERT_OK(one);
  ASSERT_OK(two);
  { ASSERT_OK(store.find(numbered(1))); }
  auto three = store.put(numbered(3), bytes_of(3, 2 * page));
  ASSERT_OK(three);
  EXPECT_EQ(store.usage()->spilled, 1U);
  {
    // Full memory: it is read where it lies.
    const auto seen = store.find(numbered(2));
    ASSERT_OK(seen);
    EXPECT_TRUE(seen->is_spilled());
    EXPECT_TRUE(holds(*seen, 2));
  }
  ASSERT_TRUE(*store.drop(numbered(1)));
  const auto seen = store.find(numbered(2));
  ASSERT_OK(seen);
  EXPECT_FALSE(seen->is_spilled());
  EXPECT_TRUE(holds(*seen, 2));
  EXPECT_EQ(store.usage()->spilled, 0U);
  EXPECT_EQ(files(), 2U);
}

TEST_F(Spilling, ManyMoreObjectsThanMemoryHoldsAreAllKept) {
  auto store = open_small(8, 64);
  std::vector<handle> held;
  for (std::uint64_t i = 0; i < 30; ++i) {
    auto made = store.put(numbered(i), bytes_of(i, 2 * page - i));
    ASSERT_OK(made);
    held.push_back(std::move(*made));
  }
  for (std::uint64_t i = 0; i < 30; ++i) {
    const auto seen = store.find(numbered(i));
    ASSERT_OK(seen);
    EXPECT_TRUE(holds(*seen, i)) << i;
  }
  held.clear();
  EXPECT_EQ(files(), 0U);
}

TEST_F(Spilling, WhatIsMappedStaysInMemoryAndTheNewObjectIsMadeOnDisk) {
  auto store = open_small(4, 8);
  const auto one = store.put(numbered(1), bytes_of(1, 4 * page));
  ASSERT_OK(one);
  const auto seen = store.find(numbered(1));
  ASSERT_OK(seen);
  const auto two = store.put(numbered(2), bytes_of(2, 3 * page));
  ASSERT_OK(two);
  EXPECT_TRUE(store.find(numbered(2))->is_spilled());
  EXPECT_TRUE(holds(*store.find(numbered(2)), 2));
  EXPECT_FALSE(store.find(numbered(1))->is_spilled());
}

TEST_F(Spilling, AnObjectLargerThanMemoryIsMadeOnDisk) {
  auto store = open_small(4, 64);
  const auto held = store.put(numbered(1), bytes_of(1, 20 * page));
  ASSERT_OK(held);
  const auto seen = store.find(numbered(1));
  ASSERT_OK(seen);
  EXPECT_TRUE(seen->is_spilled());
  EXPECT_TRUE(holds(*seen, 1));
}

TEST_F(Spilling, AFullStoreSaysHowMuchIsHeldByWhomAndWhatToDo) {
  auto store = open_small(4, 4);
  const auto one = store.put(numbered(1), bytes_of(1, 4 * page));
  const auto two = store.put(numbered(2), bytes_of(2, 4 * page));
  ASSERT_OK(one);
  ASSERT_OK(two);
  ASSERT_OK(store.pin(numbered(2), "program 9"));
  const auto three = store.put(numbered(3), bytes_of(3, 1));
  EXPECT_FAULT(fault_code::store_full, three);
  const auto line = to_line(three.error());
  EXPECT_NE(line.find("no room for 1 B: of 16.0 KiB memory 16.0 KiB are held, of 16.0 KiB disk "
                      "16.0 KiB, most of it held by process " +
                      std::to_string(::getpid())),
            line.npos)
      << line;
  EXPECT_NE(line.find("32.0 KiB in 2 objects, pin 'program 9' 16.0 KiB in 1 object; release"),
            line.npos)
      << line;
  EXPECT_TRUE(holds(*store.find(numbered(1)), 1));
  EXPECT_TRUE(holds(*store.find(numbered(2)), 2));
}

TEST_F(Spilling, AFullSharedMemoryIsAFaultAndNoSignal) {
  const small_filesystem small{memory.path(), 128 * page};
  NEEDS(small);
  auto store = open_small(10'000, 0);
  const auto held = store.put(numbered(1), bytes_of(1, 20 * page));
  ASSERT_OK(held);
  EXPECT_FAULT(fault_code::store_full, store.create(numbered(2), 200 * page));
  EXPECT_TRUE(holds(*store.find(numbered(1)), 1));
}

TEST_F(Spilling, SharedMemoryThatOthersTakeWhileAnObjectIsFilledIsAFaultAndNoSignal) {
  const small_filesystem small{memory.path(), 128 * page};
  NEEDS(small);
  auto store = open_small(10'000, 0);
  for (const bool in_place : {false, true}) {
    auto made = store.create(numbered(1), 60 * page);
    ASSERT_OK(made);
    const auto thief = memory.path() + "/thief";
    std::ofstream{thief} << std::string(500 * page, 'x');
    if (in_place) {
      EXPECT_FAULT(fault_code::store_full, made->bytes());
    } else {
      EXPECT_FAULT(fault_code::store_full, made->write_at(0, bytes_of(1, 60 * page)));
    }
    EXPECT_FAULT(fault_code::store_full, std::move(*made).seal());
    std::filesystem::remove(thief);
  }
  EXPECT_EQ(store.usage()->memory_bytes, 0U);
}

TEST_F(Spilling, MemoryThatOthersTakeIsMadeFreeByTheDisk) {
  const small_filesystem small{memory.path(), 128 * page};
  NEEDS(small);
  auto store = open_small(10'000, 1000);
  const auto held = store.put(numbered(1), bytes_of(1, 60 * page));
  ASSERT_OK(held);
  auto made = store.create(numbered(2), 30 * page);
  ASSERT_OK(made);
  std::ofstream{memory.path() + "/thief"} << std::string(500 * page, 'x');
  ASSERT_OK(made->write_at(0, bytes_of(2, 30 * page)));
  ASSERT_OK(std::move(*made).seal());
  EXPECT_EQ(store.usage()->spilled, 1U);
  EXPECT_TRUE(holds(*store.find(numbered(1)), 1));
}

TEST_F(Spilling, AFullDiskLosesNothing) {
  const small_filesystem small{disk.path(), 10 * page};
  NEEDS(small);
  auto store = open_small(8, 1000);
  const auto one = store.put(numbered(1), bytes_of(1, 8 * page));
  ASSERT_OK(one);
  std::ofstream{disk.path() + "/thief"} << std::string(500 * page, 'x');
  const auto two = store.put(numbered(2), bytes_of(2, 4 * page));
  EXPECT_FAULT(fault_code::store_full, two);
  EXPECT_TRUE(holds(*store.find(numbered(1)), 1));
  EXPECT_EQ(store.usage()->disk_bytes, 0U);
  std::filesystem::remove(disk.path() + "/thief");
  const auto three = store.put(numbered(3), bytes_of(3, 4 * page));
  ASSERT_OK(three);
  EXPECT_TRUE(holds(*store.find(numbered(1)), 1));
}

TEST_F(Spilling, SharedMemoryWithoutALimitTakesObjects) {
  const small_filesystem unlimited{memory.path(), 0};
  NEEDS(unlimited);
  auto store = open_small(8, 0);
  const auto held = store.put(numbered(1), bytes_of(1, 8 * page));
  ASSERT_OK(held);
}

TEST_F(Spilling, ALimitOnTheSizeOfFilesIsAFaultAndNoSignal) {
  child limited{[this](child&) {
    auto store = open_small(8, 8);
    const rlimit limit{2 * page, 2 * page};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    const auto small = store.put(numbered(1), bytes_of(1, 2 * page));
    const auto large = store.put(numbered(2), bytes_of(2, 3 * page));
    return small && !large && large.error().code == fault_code::too_large;
  }};
  EXPECT_TRUE(limited.ends_well());
}

TEST_F(Spilling, AStoreThatFindsNoMemoryForItsIndexIsAFault) {
  const small_filesystem small{memory.path(), 2 * page};
  NEEDS(small);
  EXPECT_FAULT(fault_code::store_full, host_store::open(options()));
}

}  // namespace
}  // namespace fabric::objects
