#include "actors/objects/host_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/objects/store_fixture.hpp"

namespace fabric::objects {
namespace {

using namespace std::chrono_literals;

TEST_F(Store, WhatIsPutIsFoundByteForByte) {
  auto store = open();
  for (const std::size_t size : {0UL, 1UL, page - 1, page, page + 1, 20 * page}) {
    const auto id = numbered(size);
    const auto held = store.put(id, bytes_of(size, size));
    ASSERT_OK(held);
    EXPECT_EQ(held->size(), size);
    const auto seen = store.find(id);
    ASSERT_OK(seen);
    EXPECT_EQ(seen->size(), size);
    EXPECT_TRUE(holds(*seen, size));
    EXPECT_FALSE(seen->is_spilled());
  }
  EXPECT_EQ(store.usage()->objects, 0U);
  EXPECT_EQ(files(), 0U);
}

TEST_F(Store, PartsMayBeWrittenInAnyOrderAndWhatIsLeftOutIsZero) {
  auto store = open();
  auto made = store.create(numbered(1), 3 * page);
  ASSERT_OK(made);
  const auto part = bytes_of(1, page);
  ASSERT_OK(made->write_at(2 * page, part));
  ASSERT_OK(made->write_at(0, part));
  EXPECT_FAULT(fault_code::usage, made->write_at(3 * page, part));
  EXPECT_FAULT(fault_code::usage, made->write_at(UINT64_MAX, part));
  const auto held = std::move(*made).seal();
  ASSERT_OK(held);
  const auto seen = store.find(numbered(1));
  ASSERT_OK(seen);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), seen->bytes().begin()));
  EXPECT_EQ(seen->bytes()[page], std::byte{0});
  EXPECT_TRUE(std::equal(part.begin(), part.end(), seen->bytes().begin() + 2 * page));
}

TEST_F(Store, AnObjectCanBeMadeInPlace) {
  auto store = open();
  auto made = store.create(numbered(1), 5000);
  ASSERT_OK(made);
  const auto bytes = made->bytes();
  ASSERT_OK(bytes);
  const auto should = bytes_of(1, 5000);
  std::copy(should.begin(), should.end(), bytes->begin());
  const auto held = std::move(*made).seal();
  ASSERT_OK(held);
  EXPECT_TRUE(holds(*store.find(numbered(1)), 1));
}

TEST_F(Store, AnObjectIsNotFoundBeforeItIsSealedNorWhenItWasGivenUp) {
  auto store = open();
  EXPECT_FAULT(fault_code::not_found, store.find(numbered(1)));
  {
    const auto made = store.create(numbered(1), page);
    ASSERT_OK(made);
    EXPECT_FAULT(fault_code::busy, store.find(numbered(1)));
    EXPECT_FAULT(fault_code::timed_out, store.find(numbered(1), 1ms));
    EXPECT_FALSE(*store.contains(numbered(1)));
    EXPECT_FAULT(fault_code::key_conflict, store.create(numbered(1), page));
  }
  EXPECT_FAULT(fault_code::not_found, store.find(numbered(1)));
  EXPECT_EQ(files(), 0U);
}

TEST_F(Store, AnObjectGoesWithItsLastHandleViewOrPin) {
  auto store = open();
  {
    const auto held = store.put(numbered(1), bytes_of(1, page));
    ASSERT_OK(held);
    const auto also = store.hold(numbered(1));
    ASSERT_OK(also);
    ASSERT_OK(store.pin(numbered(1), "a program"));
  }
  EXPECT_TRUE(*store.contains(numbered(1)));
  {
    const auto seen = store.find(numbered(1));
    ASSERT_OK(seen);
    EXPECT_TRUE(*store.unpin(numbered(1), "a program"));
    EXPECT_FALSE(*store.unpin(numbered(1), "a program"));
    EXPECT_TRUE(*store.contains(numbered(1)));
  }
  EXPECT_FALSE(*store.contains(numbered(1)));
  EXPECT_EQ(files(), 0U);
}

TEST_F(Store, ADroppedObjectIsGoneForAllButItsViews) {
  auto store = open();
  const auto held = store.put(numbered(1), bytes_of(1, 3 * page));
  ASSERT_OK(held);
  {
    const auto seen = store.find(numbered(1));
    ASSERT_OK(seen);
    EXPECT_TRUE(*store.drop(numbered(1)));
    EXPECT_FALSE(*store.drop(numbered(1)));
    EXPECT_FAULT(fault_code::not_found, store.find(numbered(1)));
    EXPECT_FAULT(fault_code::not_found, store.map(*held));
    EXPECT_TRUE(holds(*seen, 1));
    EXPECT_EQ(store.usage()->memory_bytes, 3 * page);
  }
  EXPECT_EQ(store.usage()->memory_bytes, 0U);
  // The handle is of the old object, not of a new one with its id.
  const auto anew = store.put(numbered(1), bytes_of(2, page));
  ASSERT_OK(anew);
  EXPECT_FAULT(fault_code::not_found, store.map(*held));
  EXPECT_TRUE(store.map(*anew).has_value());
}

TEST_F(Store, ViewsAndHandlesMayOutliveTheDoorThatGaveThem) {
  std::optional<view> seen;
  {
    auto store = open();
    const auto held = store.put(numbered(1), bytes_of(1, page));
    ASSERT_OK(held);
    auto there = store.find(numbered(1));
    ASSERT_OK(there);
    seen.emplace(std::move(*there));
  }
  EXPECT_TRUE(holds(*seen, 1));
  EXPECT_EQ(files(), 1U);
  seen.reset();
  EXPECT_EQ(files(), 0U);
}

TEST_F(Store, TwoDoorsOfOneProcessShowOneStore) {
  auto one = open();
  auto two = open();
  const auto held = one.put(numbered(1), bytes_of(1, page));
  ASSERT_OK(held);
  const auto seen = two.find(numbered(1));
  ASSERT_OK(seen);
  EXPECT_EQ(one.usage()->holders.size(), 2U);
}

TEST_F(Store, TellsWhoHoldsHowMuch) {
  auto store = open();
  const auto held = store.put(numbered(1), bytes_of(1, 2 * page));
  ASSERT_OK(held);
  const auto other = store.put(numbered(2), bytes_of(1, page));
  ASSERT_OK(other);
  ASSERT_OK(store.pin(numbered(2), "node b"));
  const auto used = store.usage();
  ASSERT_OK(used);
  EXPECT_EQ(used->memory_bytes, 3 * page);
  EXPECT_EQ(used->memory_max, 64 * page);
  ASSERT_EQ(used->holders.size(), 2U);
  EXPECT_EQ(used->holders[0].pid, ::getpid());
  EXPECT_EQ(used->holders[0].bytes, 3 * page);
  EXPECT_EQ(used->holders[1].name, "node b");
  EXPECT_EQ(used->holders[1].objects, 1U);
}

TEST_F(Store, FoldersAndFilesAreTheUsersAlone) {
  auto store = open();
  const auto held = store.put(numbered(1), bytes_of(1, page));
  ASSERT_OK(held);
  for (const auto& root : {memory.path(), disk.path()})
    for (const auto& one : std::filesystem::recursive_directory_iterator(root)) {
      struct stat about {};
      ASSERT_EQ(::lstat(one.path().c_str(), &about), 0);
      EXPECT_EQ(about.st_mode & 077, 0U) << one.path();
    }
}

TEST_F(Store, NamesOfInstancesAndPinsAreLookedAt) {
  auto how = options();
  for (const auto* bad : {"", "a/b", "..%", "A", "x y"}) {
    how.instance = bad;
    EXPECT_FAULT(fault_code::usage, host_store::open(how));
  }
  auto store = open();
  EXPECT_FAULT(fault_code::usage, store.pin(numbered(1), ""));
  EXPECT_FAULT(fault_code::usage, store.pin(numbered(1), std::string(96, 'x')));
  EXPECT_FAULT(fault_code::not_found, store.pin(numbered(1), std::string(95, 'x')));
}

TEST_F(Store, ObjectsBeyondAllSizeAreRefused) {
  auto store = open();
  EXPECT_FAULT(fault_code::too_large, store.create(numbered(1), UINT64_MAX));
  EXPECT_FAULT(fault_code::too_large, store.create(numbered(1), object_bytes_max + 1));
  EXPECT_FAULT(fault_code::store_full, store.create(numbered(1), object_bytes_max));
}

TEST_F(Store, RandomIdsDiffer) { EXPECT_NE(random_object_id(), random_object_id()); }

}  // namespace
}  // namespace fabric::objects
