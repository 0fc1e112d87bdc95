#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "tests/objects/store_fixture.hpp"

namespace fabric::objects {
namespace {

/// A child that is killed (SIGKILL, as by the kernel) at its step number `last`, counted from when
/// it begins with `act`. True where it came to its end before.
struct Killing : Store {
  bool survives(int last, const std::function<bool(host_store&)>& prepare,
                const std::function<bool(host_store&)>& act) {
    child victim{[&](child&) {
      int left = -1;
      auto how = options();
      how.step = [&left] {
        if (left >= 0 && left-- == 0) ::raise(SIGKILL);
      };
      auto theirs = host_store::open(how);
      if (!theirs || !prepare(*theirs)) return false;
      left = last;
      return act(*theirs);
    }};
    const int status = victim.wait();
    const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    EXPECT_TRUE(was_killed || status == 0) << "step " << last << " status " << status;
    return !was_killed;
  }
  store_options options() const {
    auto how = Store::options();
    how.memory_max = 8 * page;
    return how;
  }

  /// What must hold after each death: the store works for those who live, nothing of theirs is
  /// lost, and nothing is left of the dead.
  void expect_order(host_store& store, int step) {
    SCOPED_TRACE("killed at step " + std::to_string(step));
    ASSERT_OK(store.sweep());
    const auto used = store.usage();
    ASSERT_OK(used);
    EXPECT_EQ(used->filling, 0U);
    EXPECT_EQ(used->memory_bytes + used->disk_bytes, used->objects * 4 * page);
    EXPECT_EQ(files(), used->objects);
    const auto seen = store.find(numbered(1));
    ASSERT_OK(seen);
    EXPECT_TRUE(holds(*seen, 1));
    const auto made = store.put(numbered(50), bytes_of(50, 4 * page));
    ASSERT_OK(made);
    EXPECT_TRUE(holds(*store.find(numbered(50)), 50));
  }

  /// Kills at every step of `act` in turn, until it is through.
  void kill_everywhere(const std::function<bool(host_store&)>& prepare,
                       const std::function<bool(host_store&)>& act, int steps_at_least) {
    auto store = host_store::open(options());
    ASSERT_OK(store);
    const auto mine = store->put(numbered(1), bytes_of(1, 4 * page));
    ASSERT_OK(mine);
    int step = 0;
    for (; !survives(step, prepare, act); ++step) {
      expect_order(*store, step);
      if (HasFatalFailure()) return;
      // Pins are of nobody who could die.
      ASSERT_OK(store->unpin(numbered(1), "a name"));
      ASSERT_OK(store->unpin(numbered(2), "a name"));
    }
    expect_order(*store, step);
    EXPECT_GE(step, steps_at_least);
  }
};

bool nothing(host_store&) { return true; }

TEST_F(Killing, WhilePuttingLeavesTheStoreInOrder) {
  kill_everywhere(
      nothing,
      [](host_store& store) { return store.put(numbered(2), bytes_of(2, 4 * page)).has_value(); },
      20);
}

TEST_F(Killing, WhileFindingLeavesTheStoreInOrder) {
  kill_everywhere(
      nothing, [](host_store& store) { return store.find(numbered(1)).has_value(); }, 3);
}

TEST_F(Killing, WhileHoldingAndPinningLeavesTheStoreInOrder) {
  kill_everywhere(
      nothing,
      [](host_store& store) {
        const auto held = store.hold(numbered(1));
        return held && store.pin(numbered(1), "a name") && *store.unpin(numbered(1), "a name");
      },
      8);
}

TEST_F(Killing, WhileSpillingLosesNothing) {
  kill_everywhere(
      nothing,
      [](host_store& store) {
        const auto two = store.put(numbered(2), bytes_of(2, 4 * page));
        const auto three = store.put(numbered(3), bytes_of(3, 4 * page));
        return two && three && store.usage()->spilled == 1;
      },
      40);
}

TEST_F(Killing, WhileReadingBackFromDiskLosesNothing) {
  kill_everywhere(
      [](host_store& store) {
        // The object of the parent goes to disk, then there is room for it again.
        const auto two = store.put(numbered(2), bytes_of(2, 4 * page));
        const auto three = store.put(numbered(3), bytes_of(3, 4 * page));
        return two && three;
      },
      [](host_store& store) {
        const auto seen = store.find(numbered(1));
        return seen && holds(*seen, 1);
      },
      3);
}

TEST_F(Killing, WhileDroppingLeavesTheStoreInOrder) {
  kill_everywhere(
      [](host_store& store) {
        const auto two = store.put(numbered(2), bytes_of(2, 4 * page));
        return two && store.pin(numbered(2), "a name");
      },
      [](host_store& store) { return *store.drop(numbered(2)); }, 8);
}

TEST_F(Killing, WhileOpeningLeavesAStoreThatOpens) {
  int step = 0;
  for (bool is_through = false; !is_through; ++step) {
    child victim{[&](child&) {
      int left = step;
      auto how = options();
      how.step = [&left] {
        if (left-- == 0) ::raise(SIGKILL);
      };
      return host_store::open(how).has_value();
    }};
    is_through = victim.wait() == 0;
    auto store = host_store::open(options());
    ASSERT_OK(store);
    const auto made = store->put(numbered(1), bytes_of(1, page));
    ASSERT_OK(made);
    EXPECT_TRUE(holds(*store->find(numbered(1)), 1));
  }
  EXPECT_GE(step, 3);
}

TEST_F(Killing, WhileLeavingTakesNothingAlong) {
  auto store = host_store::open(options());
  ASSERT_OK(store);
  for (int step = 0, is_through = 0; is_through == 0; ++step) {
    is_through = survives(step, nothing, [](host_store& theirs) {
      const auto held = theirs.put(numbered(2), bytes_of(2, 4 * page));
      const auto seen = theirs.find(numbered(2));
      const host_store gone = std::move(theirs);
      return true;
    });
    ASSERT_OK(store->sweep());
    EXPECT_EQ(store->usage()->objects, 0U) << step;
    EXPECT_EQ(files(), 0U) << step;
  }
}

/// Not at steps that we know of, but wherever the processor happens to be.
TEST_F(Killing, AtAnyMomentLeavesTheStoreInOrder) {
  auto store = host_store::open(options());
  ASSERT_OK(store);
  const auto mine = store->put(numbered(1), bytes_of(1, 4 * page));
  ASSERT_OK(mine);
  std::mt19937_64 chance{11};
  for (int round = 0; round < 40; ++round) {
    std::vector<std::unique_ptr<child>> crowd;
    for (std::uint64_t who = 1; who <= 3; ++who)
      crowd.push_back(std::make_unique<child>([this, who](child& self) {
        auto theirs = host_store::open(options());
        if (!theirs) return false;
        self.say();
        for (std::uint64_t i = 0;; ++i) {
          const auto id = numbered(who * 1'000'000 + i);
          const auto held = theirs->put(id, bytes_of(i, (i % 4 + 1) * page));
          const auto seen = theirs->find(id);
          const auto other = theirs->find(numbered(1));
          if (seen && !holds(*seen, i)) return false;
          if (!other || !holds(*other, 1)) return false;
        }
      }));
    for (auto& one : crowd) one->await_word();
    for (auto& one : crowd) {
      for (auto turns = chance() % 20; turns > 0; --turns)
        ASSERT_TRUE(holds(*store->find(numbered(1)), 1));
      ASSERT_TRUE(one->kill());
    }
    ASSERT_OK(store->sweep());
    ASSERT_EQ(store->usage()->objects, 1U);
    ASSERT_EQ(files(), 1U);
  }
}

}  // namespace
}  // namespace fabric::objects
