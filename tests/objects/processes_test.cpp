#include <gtest/gtest.h>

#include "tests/objects/store_fixture.hpp"

namespace fabric::objects {
namespace {

using namespace std::chrono_literals;

struct Processes : Store {};

TEST_F(Processes, AnObjectOfOneIsReadByAnotherWithoutACopy) {
  auto store = open();
  const auto held = store.put(numbered(1), bytes_of(1, 10 * page));
  ASSERT_OK(held);
  child other{[this](child&) {
    auto theirs = host_store::open(options());
    const auto seen = theirs->find(numbered(1));
    return seen && holds(*seen, 1);
  }};
  EXPECT_TRUE(other.ends_well());
}

TEST_F(Processes, WhoWaitsForAnObjectIsWokenWhenItIsSealed) {
  child other{[this](child& self) {
    auto theirs = host_store::open(options());
    auto made = theirs->create(numbered(1), page);
    self.say();
    self.hear();
    if (!made || !made->write_at(0, bytes_of(1, page))) return false;
    const auto held = std::move(*made).seal();
    self.hear();
    return held.has_value();
  }};
  auto store = open();
  other.await_word();
  EXPECT_FAULT(fault_code::busy, store.find(numbered(1)));
  other.tell();
  const auto seen = store.find(numbered(1), 60s);
  ASSERT_OK(seen);
  EXPECT_TRUE(holds(*seen, 1));
  other.tell();
  EXPECT_TRUE(other.ends_well());
  EXPECT_TRUE(holds(*seen, 1));
}

TEST_F(Processes, WhatAKilledOneFilledIsDroppedAndItsIdIsFree) {
  auto store = open();
  child other{[this](child& self) {
    auto theirs = host_store::open(options());
    const auto made = theirs->create(numbered(1), 10 * page);
    self.say();
    self.hear();
    return false;
  }};
  other.await_word();
  other.kill();
  EXPECT_FAULT(fault_code::not_found, store.find(numbered(1), 500ms));
  EXPECT_EQ(store.usage()->objects, 0U);
  EXPECT_EQ(files(), 0U);
  EXPECT_TRUE(store.put(numbered(1), bytes_of(1, page)).has_value());
}

TEST_F(Processes, AnIdThatAKilledOneWasFillingIsFreeAtOnce) {
  auto store = open();
  child other{[this](child& self) {
    auto theirs = host_store::open(options());
    const auto made = theirs->create(numbered(1), 10 * page);
    self.say();
    self.hear();
    return false;
  }};
  other.await_word();
  EXPECT_FAULT(fault_code::key_conflict, store.create(numbered(1), page));
  other.kill();
  EXPECT_TRUE(store.create(numbered(1), page).has_value());
}

TEST_F(Processes, WhatAKilledOneHeldIsFreedWhenSpaceIsShort) {
  auto store = open();
  child other{[this](child& self) {
    auto theirs = host_store::open(options());
    const auto held = theirs->put(numbered(1), bytes_of(1, 60 * page));
    const auto seen = theirs->find(numbered(1));
    self.say();
    self.hear();
    return false;
  }};
  other.await_word();
  EXPECT_EQ(store.usage()->memory_bytes, 60 * page);
  other.kill();
  const auto held = store.put(numbered(2), bytes_of(2, 30 * page));
  ASSERT_OK(held);
  EXPECT_EQ(store.usage()->objects, 1U);
  EXPECT_EQ(store.usage()->spilled, 0U);
}

TEST_F(Processes, AViewKeepsItsBytesWhenTheProcessThatPutThemIsKilled) {
  child other{[this](child& self) {
    auto theirs = host_store::open(options());
    const auto held = theirs->put(numbered(1), bytes_of(1, 10 * page));
    self.say();
    self.hear();
    return false;
  }};
  auto store = open();
  other.await_word();
  const auto seen = store.find(numbered(1));
  ASSERT_OK(seen);
  other.kill();
  EXPECT_EQ(*store.sweep(), 1U);
  EXPECT_TRUE(holds(*seen, 1));
  EXPECT_TRUE(*store.contains(numbered(1)));
}

TEST_F(Processes, AStoreThatAllLeftByBeingKilledIsCleanedByTheNextOne) {
  child other{[this](child& self) {
    auto how = options();
    how.memory_max = 8 * page;
    auto theirs = host_store::open(how);
    const auto one = theirs->put(numbered(1), bytes_of(1, 6 * page));
    const auto two = theirs->put(numbered(2), bytes_of(2, 6 * page));
    const auto pinned = theirs->pin(numbered(1), "a name");
    self.say();
    self.hear();
    return false;
  }};
  other.await_word();
  other.kill();
  EXPECT_EQ(files(), 2U);
  auto store = open();
  EXPECT_EQ(store.usage()->objects, 0U);
  EXPECT_EQ(files(), 0U);
}

TEST_F(Processes, PinsOutliveTheKilledWhereThatIsAskedFor) {
  child other{[this](child& self) {
    auto theirs = host_store::open(options());
    const auto one = theirs->put(numbered(1), bytes_of(1, page));
    const auto two = theirs->put(numbered(2), bytes_of(2, page));
    const auto pinned = theirs->pin(numbered(1), "a name");
    self.say();
    self.hear();
    return false;
  }};
  other.await_word();
  other.kill();
  auto how = options();
  how.left_by_the_dead = leftovers::kept;
  auto store = open(how);
  EXPECT_EQ(store.usage()->objects, 1U);
  EXPECT_TRUE(holds(*store.find(numbered(1)), 1));
  EXPECT_TRUE(*store.unpin(numbered(1), "a name"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(Processes, APidThatIsUsedAgainDoesNotKeepWhatItsPredecessorHeld) {
  auto born = std::optional<std::uint64_t>{100};
  auto how = options();
  how.births = [&born](std::int32_t) -> result<std::optional<std::uint64_t>> { return born; };
  auto before = open(how);
  const auto held = before.put(numbered(1), bytes_of(1, page));
  ASSERT_OK(held);
  auto after = open(how);
  EXPECT_EQ(*after.sweep(), 0U);
  born = 200;
  EXPECT_EQ(*after.sweep(), 1U);
  EXPECT_FALSE(*after.contains(numbered(1)));
}

TEST_F(Processes, NobodyIsTakenForDeadWhoCannotBeLookedAt) {
  bool is_blind = false;
  auto how = options();
  how.births = [&is_blind](std::int32_t) -> result<std::optional<std::uint64_t>> {
    if (is_blind) return fault{fault_code::config, "no descriptors", ""};
    return std::optional<std::uint64_t>{1};
  };
  auto one = open(how);
  auto two = open(how);
  const auto held = one.put(numbered(1), bytes_of(1, page));
  ASSERT_OK(held);
  is_blind = true;
  EXPECT_EQ(*two.sweep(), 0U);
  EXPECT_TRUE(*two.contains(numbered(1)));
}

TEST_F(Processes, AZombieIsDead) {
  child other{[](child&) { return true; }};
  siginfo_t about{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(other.pid()), &about, WEXITED | WNOWAIT), 0);
  const auto born = birth_of(other.pid());
  ASSERT_OK(born);
  EXPECT_EQ(*born, std::nullopt);
  EXPECT_TRUE(other.ends_well());
}

TEST_F(Processes, AChildThatInheritedAStoreIsToldToOpenItsOwn) {
  auto store = open();
  const auto held = store.put(numbered(1), bytes_of(1, page));
  ASSERT_OK(held);
  auto seen = store.find(numbered(1));
  ASSERT_OK(seen);
  child other{[&](child&) {
    const auto again = store.find(numbered(1));
    const bool is_told = !again && again.error().code == fault_code::usage;
    // Bytes that were mapped are inherited, and giving them up here takes nothing from the parent.
    const bool is_readable = holds(*seen, 1);
    const view mine = std::move(*seen);
    return is_told && is_readable;
  }};
  EXPECT_TRUE(other.ends_well());
  EXPECT_EQ(store.usage()->holders.front().views, 1U);
}

TEST_F(Processes, AStoppedProcessThatKeepsTheLockIsNamed) {
  auto how = options();
  how.lock_patience = 10ms;
  auto store = open(how);
  child other{[this](child& self) {
    auto theirs_how = options();
    bool is_armed = false;
    theirs_how.step = [&] {
      if (!is_armed) return;
      self.say();
      self.hear();
      is_armed = false;
    };
    auto theirs = host_store::open(theirs_how);
    is_armed = true;
    return theirs->put(numbered(1), bytes_of(1, page)).has_value();
  }};
  other.await_word();
  const auto seen = store.find(numbered(1));
  EXPECT_FAULT(fault_code::busy, seen);
  EXPECT_NE(to_line(seen.error()).find("process " + std::to_string(other.pid())),
            std::string::npos);
  other.tell();
  EXPECT_TRUE(other.ends_well());
  EXPECT_FAULT(fault_code::not_found, store.find(numbered(1)));
}

TEST_F(Processes, AStoreInUseIsRemovedOnlyByForceAndItsViewsStay) {
  auto store = open();
  const auto held = store.put(numbered(1), bytes_of(1, page));
  ASSERT_OK(held);
  const auto seen = store.find(numbered(1));
  ASSERT_OK(seen);
  child polite{[this](child&) {
    const auto removed = host_store::remove(options(), removal::if_unused);
    return !removed && removed.error().code == fault_code::busy;
  }};
  EXPECT_TRUE(polite.ends_well());
  child rude{[this](child&) { return host_store::remove(options(), removal::anyway).has_value(); }};
  EXPECT_TRUE(rude.ends_well());
  EXPECT_TRUE(holds(*seen, 1));
  EXPECT_FAULT(fault_code::not_found, store.find(numbered(1)));
  EXPECT_FALSE(std::filesystem::exists(folder()));
  EXPECT_TRUE(open().put(numbered(1), bytes_of(1, page)).has_value());
}

TEST_F(Processes, RemovingAnUnusedStoreLeavesNothing) {
  { auto store = open(); }
  ASSERT_OK(host_store::remove(options(), removal::if_unused));
  EXPECT_TRUE(std::filesystem::is_empty(memory.path()));
  EXPECT_TRUE(std::filesystem::is_empty(disk.path()));
  ASSERT_OK(host_store::remove(options(), removal::if_unused));
}

TEST_F(Processes, ThatOpenAtOnceMakeOneStore) {
  for (int round = 0; round < 10; ++round) {
    std::vector<std::unique_ptr<child>> crowd;
    for (std::uint64_t who = 0; who < 4; ++who)
      crowd.push_back(std::make_unique<child>([this, who](child& self) {
        self.hear();
        auto theirs = host_store::open(options());
        if (!theirs) return false;
        const auto held = theirs->put(numbered(who), bytes_of(who, page));
        const auto neighbour = (who + 1) % 4;
        const auto seen = theirs->find(numbered(neighbour), 60s);
        self.say();
        self.hear();
        return held && seen && holds(*seen, neighbour);
      }));
    for (const auto& one : crowd) one->tell();
    for (const auto& one : crowd) one->await_word();
    for (const auto& one : crowd) one->tell();
    for (auto& one : crowd) EXPECT_TRUE(one->ends_well());
    ASSERT_OK(host_store::remove(options(), removal::if_unused));
  }
}

TEST_F(Processes, OpenAStoreOrAreToldWhyWhileAnotherRemovesIt) {
  std::vector<std::unique_ptr<child>> crowd;
  for (std::uint64_t who = 0; who < 3; ++who)
    crowd.push_back(std::make_unique<child>([this, who](child&) {
      for (std::uint64_t i = 0; i < 60; ++i) {
        auto theirs = host_store::open(options());
        if (!theirs && theirs.error().code == fault_code::not_found) continue;
        if (!theirs) {
          std::fprintf(stderr, "%s\n", to_line(theirs.error()).c_str());
          return false;
        }
        const auto held = theirs->put(numbered(who), bytes_of(i, page));
        const auto seen = theirs->find(numbered(who));
        if (seen && !holds(*seen, i)) return false;
      }
      return true;
    }));
  child remover{[this](child&) {
    for (int i = 0; i < 60; ++i)
      if (!host_store::remove(options(), removal::anyway)) return false;
    return true;
  }};
  for (auto& one : crowd) EXPECT_TRUE(one->ends_well());
  EXPECT_TRUE(remover.ends_well());
  ASSERT_OK(host_store::remove(options(), removal::if_unused));
  EXPECT_TRUE(std::filesystem::is_empty(memory.path()));
}

TEST_F(Processes, ManyThatPutAndReadAtOnceAgreeAndLeaveNothing) {
  auto how = options();
  how.memory_max = 16 * page;
  auto store = open(how);
  std::vector<std::unique_ptr<child>> crowd;
  for (std::uint64_t who = 0; who < 4; ++who)
    crowd.push_back(std::make_unique<child>([this, who](child&) {
      auto theirs = host_store::open(options());
      bool is_well = true;
      for (std::uint64_t i = 0; i < 200 && is_well; ++i) {
        const auto held = theirs->put(numbered(who * 1000 + i), bytes_of(i, 3 * page));
        const auto before = theirs->find(numbered(who * 1000 + i));
        is_well = held && before && holds(*before, i);
        // Of a neighbour's, whatever is found is whole.
        const auto other = theirs->find(numbered((who + 1) % 4 * 1000 + i));
        if (other) is_well = is_well && holds(*other, i);
      }
      return is_well;
    }));
  for (auto& one : crowd) EXPECT_TRUE(one->ends_well());
  EXPECT_EQ(store.usage()->objects, 0U);
  EXPECT_EQ(store.usage()->memory_bytes + store.usage()->disk_bytes, 0U);
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace fabric::objects
