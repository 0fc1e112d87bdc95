#include "actors/store/writer.hpp"

#include <gtest/gtest.h>

#include <future>
#include <set>

#include "tests/store/faulty_disk.hpp"
#include "tests/store/head_fixture.hpp"

namespace fabric::store {
namespace {

class Writer : public ::testing::Test {
 protected:
  void start(writer::limits how = {}) {
    auto store = head_store::open(folder / "head.db", durability::full);
    ASSERT_OK(store);
    disk.repair();
    thread.emplace(std::move(*store), how);
  }

  std::future<result<void>> submit(std::vector<record_type> records) {
    auto answer = std::make_shared<std::promise<result<void>>>();
    auto taken = thread->submit(std::move(records), 1,
                                [answer](result<void> how) { answer->set_value(std::move(how)); });
    if (!taken) answer->set_value(taken);
    return answer->get_future();
  }

  result<void> reopened() {
    std::promise<result<void>> answer;
    auto taken = thread->reopen([&](result<void> how) { answer.set_value(std::move(how)); });
    return taken ? answer.get_future().get() : taken;
  }

  std::string content() {
    std::promise<std::string> answer;
    auto asked = thread->read([&](head_store& store) {
      auto loaded = store.load();
      answer.set_value(loaded ? rendered(*loaded) : to_line(loaded.error()));
    });
    return asked ? answer.get_future().get() : to_line(asked.error());
  }

  /// Keeps the thread busy until the promise is kept.
  std::shared_ptr<std::promise<void>> hold() {
    auto open = std::make_shared<std::promise<void>>();
    std::promise<void> entered;
    EXPECT_TRUE(thread->read([&entered, gate = open->get_future().share()](head_store&) {
      entered.set_value();
      gate.wait();
    }));
    entered.get_future().wait();
    return open;
  }

  /// The jobs that a head would find if this one were killed now.
  std::set<std::uint64_t> after_a_kill() {
    const std::string copy = folder / "copy.db";
    for (const auto* part : {"", "-wal"}) {
      std::filesystem::remove(copy + part);
      if (std::filesystem::exists(folder / "head.db" + part)) {
        std::filesystem::copy_file(folder / "head.db" + part, copy + part);
      }
    }
    std::filesystem::remove(copy + "-shm");
    std::set<std::uint64_t> found;
    auto store = head_store::open(copy, durability::full);
    if (!store) {
      ADD_FAILURE() << to_line(store.error());
      return found;
    }
    const auto loaded = store->load().value();
    for (const auto& job : loaded.jobs) found.insert(job.id.value);
    return found;
  }

  scratch_folder folder;
  faulty_disk disk;
  std::optional<writer> thread;
};

TEST_F(Writer, AnswersInOrderOnceTheBatchIsOnDisk) {
  start();
  std::vector<int> order;
  std::vector<std::future<result<void>>> answers;
  for (int i = 1; i <= 50; ++i) {
    auto answer = std::make_shared<std::promise<result<void>>>();
    answers.push_back(answer->get_future());
    ASSERT_OK(
        thread->submit({added(static_cast<std::uint64_t>(i))}, 1, [&order, i, answer](auto how) {
          order.push_back(i);
          answer->set_value(how);
        }));
  }
  for (auto& answer : answers) ASSERT_OK(answer.get());
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(after_a_kill().size(), 50U);
}

TEST_F(Writer, WhatWaitedTogetherIsFlushedOnce) {
  start();
  auto gate = hold();
  const long before = disk.flushes();
  std::vector<std::future<result<void>>> answers;
  for (std::uint64_t i = 1; i <= 100; ++i) answers.push_back(submit({added(i)}));
  gate->set_value();
  for (auto& answer : answers) ASSERT_OK(answer.get());
  EXPECT_LE(disk.flushes() - before, 3) << "the first commit also flushes the journal's header";
}

TEST_F(Writer, ABurstIsAcknowledgedPieceByPiece) {
  start({1000, 10, 10});
  auto gate = hold();
  const long before = disk.flushes();
  std::vector<std::future<result<void>>> answers;
  for (std::uint64_t i = 1; i <= 100; ++i) answers.push_back(submit({added(i)}));
  gate->set_value();
  for (auto& answer : answers) ASSERT_OK(answer.get());
  EXPECT_GE(disk.flushes() - before, 10);
}

TEST_F(Writer, AFullQueueRefusesAndLeavesTheBatchWithItsOwner) {
  start({3, 2, 100});
  auto gate = hold();
  auto first = submit({added(1), added(2)});
  std::vector<record_type> more = {added(3), added(4)};
  EXPECT_FAULT(fault_code::busy, thread->submit(std::move(more), 1, nullptr));
  ASSERT_EQ(more.size(), 2U);
  EXPECT_EQ(thread->queued_records(), 2U);
  ASSERT_OK(thread->read([](head_store&) {}));
  ASSERT_OK(thread->read([](head_store&) {}));
  EXPECT_FAULT(fault_code::busy, thread->read([](head_store&) {}));
  gate->set_value();
  ASSERT_OK(first.get());
  ASSERT_OK(submit(std::move(more)).get());
  EXPECT_EQ(content(), "live 1\nlive 2\nlive 3\nlive 4\n");
}

TEST_F(Writer, EmptyBatchesAreBoundedToo) {
  start({3, 2, 100});
  auto gate = hold();
  for (int i = 0; i < 3; ++i) ASSERT_OK(thread->submit({}, 1, nullptr));
  EXPECT_FAULT(fault_code::busy, thread->submit({}, 1, nullptr));
  gate->set_value();
}

TEST_F(Writer, ABatchLargerThanTheQueueIsTakenWhenItIsEmpty) {
  start({3, 2, 3});
  ASSERT_OK(submit({added(1), added(2), added(3), added(4), added(5)}).get());
  EXPECT_EQ(after_a_kill().size(), 5U);
}

TEST_F(Writer, AQuestionSeesWhatWasSubmittedBeforeIt) {
  start({1000, 10, 1});
  auto gate = hold();
  std::vector<std::future<result<void>>> answers;
  for (std::uint64_t i = 1; i <= 3; ++i) answers.push_back(submit({added(i)}));
  std::promise<std::size_t> seen;
  ASSERT_OK(thread->read([&](head_store& s) { seen.set_value(s.load().value().jobs.size()); }));
  answers.push_back(submit({added(4)}));
  gate->set_value();
  EXPECT_EQ(seen.get_future().get(), 3U);
  for (auto& answer : answers) ASSERT_OK(answer.get());
}

TEST_F(Writer, StoppingDoesWhatIsQueuedAndTakesNoMore) {
  start();
  auto gate = hold();
  auto answer = submit({added(1)});
  bool asked = false;
  ASSERT_OK(thread->read([&](head_store&) { asked = true; }));
  gate->set_value();
  thread->stop();
  ASSERT_OK(answer.get());
  EXPECT_TRUE(asked);
  EXPECT_FAULT(fault_code::cancelled, submit({added(2)}).get());
  EXPECT_FAULT(fault_code::cancelled, thread->read([](head_store&) {}));
  EXPECT_FAULT(fault_code::cancelled, reopened());
  EXPECT_EQ(after_a_kill(), std::set<std::uint64_t>{1});
}

TEST_F(Writer, OnAFullDiskNothingIsAcknowledgedAndReadsGoOn) {
  start();
  ASSERT_OK(submit({added(1)}).get());
  disk.fill_after(0);
  EXPECT_FAULT(fault_code::store_full, submit({added(2)}).get());
  EXPECT_FAULT(fault_code::store_full, submit({added(3)}).get());
  EXPECT_EQ(content(), "live 1\n");
  EXPECT_EQ(after_a_kill(), std::set<std::uint64_t>{1});
  ASSERT_OK(reopened());
  EXPECT_FAULT(fault_code::store_full, submit({added(4)}).get());
  disk.repair();
  EXPECT_FAULT(fault_code::store_full, submit({added(5)}).get());
  ASSERT_OK(reopened());
  ASSERT_OK(submit({added(6)}).get());
  EXPECT_EQ(content(), "live 1\nlive 6\n");
}

TEST_F(Writer, AfterAFailedFlushTheFileIsAskedWhatItHolds) {
  start();
  ASSERT_OK(submit({added(1)}).get());
  disk.break_flush_after(0);
  EXPECT_FAULT(fault_code::store_failed, submit({added(2)}).get());
  EXPECT_FAULT(fault_code::store_failed, submit({added(3)}).get());
  disk.repair();
  ASSERT_OK(reopened());
  const std::string found = content();
  EXPECT_TRUE(found == "live 1\n" || found == "live 1\nlive 2\n") << found;
  ASSERT_OK(submit({added(4)}).get());
  const auto kept = after_a_kill();
  EXPECT_EQ(kept.contains(2), found == "live 1\nlive 2\n");
  EXPECT_TRUE(kept.contains(1) && kept.contains(4) && !kept.contains(3));
}

TEST_F(Writer, BatchesQueuedBehindAFailedOneAreNotWritten) {
  start({1000, 10, 1});
  auto gate = hold();
  disk.fill_after(0);
  auto first = submit({added(1)});
  auto second = submit({added(2)});
  std::promise<result<void>> opened;
  ASSERT_OK(thread->reopen([&](auto how) {
    disk.repair();
    opened.set_value(how);
  }));
  auto third = submit({added(3)});
  gate->set_value();
  EXPECT_FAULT(fault_code::store_full, first.get());
  EXPECT_FAULT(fault_code::store_full, second.get());
  ASSERT_OK(opened.get_future().get());
  ASSERT_OK(third.get());
  EXPECT_EQ(content(), "live 3\n");
}

/// The disk breaks at every write and at every flush of a run in turn. Whatever was acknowledged
/// must be there after a kill at the end, and nothing of a batch that was never submitted.
TEST_F(Writer, WhatIsAcknowledgedIsThereWhereverTheDiskBreaks) {
  int broken_runs = 0;
  for (int at = 0; at < 40; at += 3) {
    for (const int kind : {0, 1, 2}) {
      thread.reset();
      disk.repair();
      for (const auto* part : {"", "-wal", "-shm"})
        std::filesystem::remove(folder / "head.db" + part);
      start();
      if (kind == 0) disk.break_flush_after(at);
      if (kind == 1) disk.fill_after(at);
      if (kind == 2) disk.break_write_after(at);
      std::set<std::uint64_t> acknowledged;
      std::set<std::uint64_t> refused;
      for (std::uint64_t id = 1; id <= 8; ++id) {
        (submit({added(id), granted(id, 0, 1)}).get() ? acknowledged : refused).insert(id);
      }
      broken_runs += refused.empty() ? 0 : 1;
      disk.repair();
      const auto kept = after_a_kill();
      EXPECT_TRUE(std::ranges::includes(kept, acknowledged)) << kind << " broken at " << at;
      ASSERT_OK(reopened());
      EXPECT_TRUE(std::ranges::includes(after_a_kill(), acknowledged)) << kind << " at " << at;
    }
  }
  EXPECT_GE(broken_runs, 10) << "the faults must have struck";
}

}  // namespace
}  // namespace fabric::store
