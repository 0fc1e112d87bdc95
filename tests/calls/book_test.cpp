#include "scheduler/calls/book.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace fabric::calls {
namespace {

using namespace std::chrono_literals;

/// One pool, and its fleet in the hands of the test.
class Book : public testing::Test {
 protected:
  std::vector<call_id> submit(std::size_t n, call_rules rules = {}, data_place reads = {}) {
    event::submitted what{pool, rules, {}, {}, false};
    std::vector<call_id> ids;
    for (std::size_t i = 0; i < n; ++i) {
      ids.push_back(book_.announce());
      what.calls.push_back({.id = ids.back(), .reads = reads});
    }
    step(what);
    return ids;
  }
  void step(const event_type& what) {
    said.clear();
    book_.step(what, now, said);
    ASSERT_EQ(book_.broken_invariant(), "");
    for (const auto& s : all<command::start>()) sent_to_[s.worker].push_back(s.call);
  }
  void ready(std::uint64_t worker) { step(event::worker_ready{worker_id{worker}, pool, 1}); }
  void ended(std::uint64_t worker, call_id id, ending how = ending::succeeded,
             duration ran = 10ms) {
    step(event::reported{worker_id{worker}, {{id, book_.attempt_of(id), how}}, ran});
  }
  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& c : said)
      if (const auto* it = std::get_if<T>(&c)) found.push_back(*it);
    return found;
  }
  ending end_of(call_id id) const {
    for (const auto& f : all<command::finished>())
      if (f.call == id) return f.how;
    ADD_FAILURE() << "the call is not over";
    return {};
  }

  /// What a worker answers that has begun nothing but what the book believes to run.
  void hand_back(const command::recall& asked) {
    event::recalled back{asked.worker, {}};
    auto& sent = sent_to_[asked.worker];
    for (auto n = asked.most; n > 0; --n, sent.pop_back())
      back.calls.push_back({sent.back(), book_.attempt_of(sent.back()), ending::declined});
    step(back);
  }

  book book_{{.idle_after = 1s, .quantum = 100ms, .stop_grace = 5s}};
  pool_id pool = book_.pool_of({{{{"cpu", units(1)}}, {}}, 0});
  instant now{10s};
  std::vector<command_type> said;

 private:
  std::map<worker_id, std::vector<call_id>> sent_to_;  // in the order of sending
};

class BookOfCostlyWorkers : public Book {
 protected:
  void SetUp() override {
    book_ = book{{.worker_cost = 50ms}};
    pool = book_.pool_of({{{{"cpu", units(1)}}, {}}, 0});
  }
};

/// After so many short ones that they are sent ahead; worker 1 is idle.
class BookOfShortCalls : public Book {
 protected:
  void SetUp() override {
    const auto calls = submit(40);
    ready(1);
    for (const auto id : calls) ended(1, id, ending::succeeded, 1us);
  }
};

TEST_F(Book, WantsAsManyWorkersAsThereAreCallsUntilItKnowsHowLongTheyTake) {
  submit(5);
  ASSERT_EQ(all<command::want>().size(), 1U);
  EXPECT_EQ(all<command::want>()[0].workers, 5U);
}

TEST_F(Book, NeverQueuesLongCallsBehindEachOtherWhileAWorkerIdles) {
  const auto calls = submit(4);
  ready(1);
  EXPECT_EQ(all<command::start>().size(), 1U) << "nothing is known of them";
  ended(1, calls[0]);
  EXPECT_EQ(all<command::start>().size(), 1U) << "they take longer than a window";
}

TEST_F(Book, SendsShortCallsAheadAndTakesThemBackForAnIdleWorker) {
  const auto calls = submit(200);
  ready(1);
  std::size_t next = 0;
  for (int i = 0; i < 5; ++i) ended(1, calls[next++], ending::succeeded, 1us);
  EXPECT_GT(book_.held_calls(), 8U);
  while (book_.state_of(calls.back()) == call_state::queued)
    ended(1, calls[next++], ending::succeeded, 1us);
  ready(2);
  ASSERT_EQ(all<command::recall>().size(), 1U);
  event::recalled back{worker_id{1}, {}};
  for (auto n = all<command::recall>()[0].most; n > 0; --n) {
    const auto id = calls[calls.size() - n];
    back.calls.push_back({id, book_.attempt_of(id), ending::declined});
  }
  step(back);
  ASSERT_FALSE(all<command::start>().empty());
  EXPECT_TRUE(std::ranges::any_of(all<command::start>(),
                                  [](const auto& s) { return s.worker == worker_id{2}; }));
}

TEST_F(BookOfShortCalls, WantsAnotherWorkerWhereACallWaitsBehindOneThatProvesLong) {
  const auto calls = submit(2);
  ASSERT_EQ(book_.state_of(calls[1]), call_state::sent) << "it was sent ahead";
  ASSERT_LE(book_.next_wakeup(), now + 2ms);
  now += 2ms;
  step(event::ticked{});
  ASSERT_EQ(all<command::want>().size(), 1U);
  EXPECT_EQ(all<command::want>()[0].workers, 2U);
  ready(2);
  ASSERT_EQ(all<command::recall>().size(), 1U);
  step(event::recalled{worker_id{1}, {{calls[1], 1, ending::declined}}});
  ASSERT_EQ(all<command::start>().size(), 1U);
  EXPECT_EQ(all<command::start>()[0].worker, worker_id{2});
}

TEST_F(BookOfShortCalls, NoticesACallThatProvedLongBeforeAnotherCame) {
  const auto first = submit(1);
  now += 1s;
  const auto second = submit(1);
  ASSERT_EQ(book_.state_of(second[0]), call_state::sent);
  now += 2ms;
  step(event::ticked{});
  ASSERT_EQ(all<command::want>().size(), 1U);
  EXPECT_EQ(all<command::want>()[0].workers, 2U);
}

TEST_F(BookOfShortCalls, AsksForTwiceAsManyWhileAllOfThemHaveLongOnes) {
  submit(100);
  std::vector<std::uint32_t> wishes;
  for (std::uint64_t workers = 1; workers < 8;) {
    now += 2ms;
    step(event::ticked{});
    ASSERT_EQ(all<command::want>().size(), 1U);
    wishes.push_back(all<command::want>()[0].workers);
    while (workers < wishes.back()) {
      ready(++workers);
      for (const auto& asked : all<command::recall>()) hand_back(asked);
    }
  }
  EXPECT_EQ(wishes, (std::vector<std::uint32_t>{2, 4, 8}));
}

TEST_F(BookOfShortCalls, WantsNoMoreWhileTheyKeepEnding) {
  const auto calls = submit(100);
  std::size_t next = 0;
  for (int i = 0; i < 50; ++i) {
    now += 1ms;
    ended(1, calls[next++], ending::succeeded, 1us);
    EXPECT_TRUE(all<command::want>().empty());
    step(event::ticked{});
    EXPECT_TRUE(all<command::want>().empty());
  }
}

TEST_F(BookOfCostlyWorkers, WantsNoneForLessWorkThanItCostsToStart) {
  const auto first = submit(1);
  ready(1);
  ended(1, first[0], ending::succeeded, 1ms);
  submit(40);
  EXPECT_TRUE(all<command::want>().empty()) << "one has it done before another is there";
  submit(160);
  ASSERT_EQ(all<command::want>().size(), 1U);
  EXPECT_EQ(all<command::want>()[0].workers, 5U) << "200 ms of work";
}

TEST_F(BookOfCostlyWorkers, TakesNoCallForLongOnAMachineThatIsMerelyBusy) {
  const auto first = submit(1);
  ready(1);
  ended(1, first[0], ending::succeeded, 1us);
  submit(2);
  now += 20ms;
  step(event::ticked{});
  EXPECT_TRUE(all<command::want>().empty());
  now += 30ms;
  step(event::ticked{});
  ASSERT_EQ(all<command::want>().size(), 1U);
  EXPECT_EQ(all<command::want>()[0].workers, 2U);
}

TEST_F(BookOfShortCalls, ForgetsALongCallThatIsOver) {
  const auto calls = submit(2);
  now += 2ms;
  step(event::ticked{});
  ended(1, calls[0], ending::succeeded, 1us);  // its process was only held up
  ended(1, calls[1], ending::succeeded, 1us);
  submit(2);
  for (const auto& want : all<command::want>()) EXPECT_LE(want.workers, 1U);
}

TEST_F(BookOfShortCalls, WaitsForNoTimeWhereNothingWaitsOrAllIsKnown) {
  now += 1s;
  step(event::ticked{});
  submit(1);
  EXPECT_EQ(book_.next_wakeup(), never) << "nothing waits behind it";
  submit(1);
  now += 2ms;
  step(event::ticked{});
  EXPECT_EQ(book_.next_wakeup(), never) << "the one that runs is known to be long";
}

TEST_F(Book, TakesBackACallThatItBelievedToHaveBegun) {
  const auto calls = submit(40);
  ready(1);
  std::size_t next = 0;
  while (book_.state_of(calls.back()) == call_state::queued)
    ended(1, calls[next++], ending::succeeded, 1us);
  ready(2);
  ASSERT_EQ(all<command::recall>().size(), 1U);
  const auto last = calls.back();
  while (next + 1 < calls.size()) ended(1, calls[next++], ending::succeeded, 1us);
  ASSERT_EQ(book_.state_of(last), call_state::running);
  step(event::recalled{worker_id{1}, {{last, book_.attempt_of(last), ending::declined}}});
  ASSERT_EQ(all<command::start>().size(), 1U);
  EXPECT_EQ(all<command::start>()[0].call, last);
}

TEST_F(Book, RunsALostCallAgainAndOneThatHadNotBegunForFree) {
  const auto calls = submit(1, {.losses_max = 1});
  ready(1);
  step(event::worker_lost{worker_id{1}, true});
  ready(2);
  ASSERT_EQ(all<command::start>().size(), 1U);
  EXPECT_EQ(all<command::start>()[0].attempt, 2U);
  step(event::worker_lost{worker_id{2}, true});
  EXPECT_EQ(end_of(calls[0]), ending::lost);
}

TEST_F(Book, WaitsForCertaintyBeforeItRunsACallElsewhere) {
  submit(1);
  ready(1);
  ready(2);
  step(event::worker_lost{worker_id{1}, false});
  EXPECT_TRUE(all<command::start>().empty());
  step(event::worker_lost{worker_id{1}, true});
  ASSERT_EQ(all<command::start>().size(), 1U);
  EXPECT_EQ(all<command::start>()[0].worker, worker_id{2});
}

TEST_F(Book, GivesTheSlotOfACallThatWaitsToAnother) {
  const auto calls = submit(2);
  ready(1);
  step(event::blocked{worker_id{1}, calls[0], 1});
  ASSERT_EQ(all<command::start>().size(), 1U);
  EXPECT_EQ(all<command::start>()[0].call, calls[1]);
  EXPECT_TRUE(all<command::lend>().empty());
  ended(1, calls[1]);
  EXPECT_EQ(all<command::lend>().size(), 1U) << "all that is left there waits";
  step(event::unblocked{worker_id{1}, calls[0], 1});
  EXPECT_EQ(all<command::reclaim>().size(), 1U);
}

TEST_F(Book, CountsTheTimeOfACallThatMayHaveBegunBeforeAnotherWentOn) {
  const auto calls = submit(3, {.time_limit = 1s});
  ready(1);
  step(event::blocked{worker_id{1}, calls[0], 1});
  step(event::unblocked{worker_id{1}, calls[0], 1});
  ASSERT_EQ(book_.state_of(calls[1]), call_state::running);
  step(event::resumed{worker_id{1}, calls[0], 1});
  EXPECT_EQ(book_.state_of(calls[1]), call_state::sent) << "it had not begun";
  ended(1, calls[0]);
  EXPECT_EQ(book_.state_of(calls[1]), call_state::running);
}

TEST_F(Book, EndsAtItsLimitsWhatDoesNotEndByItself) {
  const auto calls = submit(1, {.time_limit = 1s});
  ready(1);
  EXPECT_EQ(book_.next_wakeup(), now + 1s);
  now += 1s;
  step(event::ticked{});
  EXPECT_EQ(end_of(calls[0]), ending::timed_out);
  ASSERT_EQ(all<command::stop>().size(), 1U);
  EXPECT_FALSE(all<command::stop>()[0].hard);
  now += 5s;
  step(event::ticked{});
  ASSERT_EQ(all<command::stop>().size(), 1U);
  EXPECT_TRUE(all<command::stop>()[0].hard);
}

TEST_F(Book, RetriesAfterAGrowingWait) {
  const auto calls = submit(1, {.failures_max = 1, .backoff = {100ms, 1s}});
  ready(1);
  ended(1, calls[0], ending::failed);
  EXPECT_EQ(book_.state_of(calls[0]), call_state::backing_off);
  now += 100ms;
  step(event::ticked{});
  EXPECT_EQ(all<command::start>().size(), 1U);
  ended(1, calls[0], ending::failed);
  EXPECT_EQ(end_of(calls[0]), ending::failed);
}

TEST_F(Book, EndsALongChainOfCallsWhoseFirstFails) {
  event::submitted what{pool, {}, {}, {}, false};
  for (int i = 0; i < 100000; ++i) {
    what.calls.push_back({book_.announce(), 0, i == 0 ? 0U : 1U});
    if (i > 0) what.after.push_back(what.calls[what.calls.size() - 2].id);
  }
  said.clear();
  book_.step(what, now, said);
  book_.step(event::cancel_requested{what.calls[0].id, false}, now, said);
  EXPECT_EQ(all<command::finished>().size(), 100000U);
  EXPECT_EQ(all<command::finished>().back().origin, what.calls[0].id);
  EXPECT_EQ(book_.open_calls(), 0U);
}

TEST_F(Book, ReleasesWhatRestsAndUnderPressureWhatIsHeldForLong) {
  submit(50);
  ready(1);
  const auto other = book_.pool_of({{{{"cpu", units(2)}}, {}}, 0});
  step(event::pressure{true, other});
  EXPECT_EQ(book_.next_wakeup(), now + 100ms);
  now += 100ms;
  step(event::ticked{});
  EXPECT_TRUE(all<command::release>().empty()) << "its call runs";
  now += 1s;
  const auto running = call_id{std::uint64_t{1} << 32};
  ended(1, running);
  EXPECT_EQ(all<command::release>().size(), 1U);
}

TEST_F(Book, IgnoresWhatIsLateOrComesTwice) {
  const auto calls = submit(1);
  ready(1);
  ended(1, calls[0]);
  ended(1, calls[0]);
  EXPECT_TRUE(all<command::finished>().empty());
  step(event::unblocked{worker_id{1}, calls[0], 1});
  step(event::reclaimed{worker_id{1}, 3});
  step(event::recalled{worker_id{7}, {{calls[0], 1}}});
  step(event::cancel_requested{calls[0], true});
  EXPECT_TRUE(all<command::finished>().empty());
}

constexpr std::uint64_t mb = 1'000'000;

/// Workers 1 and 2 are on hosts 1 and 2.
class BookOfTwoHosts : public Book {
 protected:
  void ready_on_host(std::uint64_t worker) {
    step(event::worker_ready{worker_id{worker}, pool, 1, host_id{worker}});
  }
  void SetUp() override {
    ready_on_host(1);
    ready_on_host(2);
  }
  call_id submit_reading(std::uint64_t host, std::uint64_t bytes) {
    return submit(1, {}, {host_id{host}, bytes})[0];
  }
  /// Which worker was told to start what; 0 for none.
  std::uint64_t started() const {
    const auto starts = all<command::start>();
    return starts.empty() ? 0 : starts[0].worker.value;
  }
};

TEST_F(BookOfTwoHosts, PlacesACallWhereItsDataLies) {
  for (std::uint64_t host : {2, 2, 1, 2, 1, 1}) {
    const auto call = submit_reading(host, mb);
    EXPECT_EQ(started(), host);
    ended(host, call);
  }
}

TEST_F(BookOfTwoHosts, WaitsForAWorkerThatIsNearForAsLongAsFetchingWouldTake) {
  const auto first = submit_reading(2, 30 * mb);
  submit_reading(2, 30 * mb);
  EXPECT_EQ(started(), 0U) << "worker 1 idles, but would have to fetch";
  now += 299ms;
  step(event::ticked{});
  EXPECT_EQ(started(), 0U);
  now += 1ms;
  ASSERT_EQ(book_.next_wakeup(), now);
  step(event::ticked{});
  EXPECT_EQ(started(), 1U);
  ended(2, first);
}

TEST_F(BookOfTwoHosts, HasTheNextCallOfAWorkerThatIsNearBeThatWhichWaits) {
  const auto first = submit_reading(2, 30 * mb);
  const auto second = submit_reading(2, 30 * mb);
  now += 100ms;
  ended(2, first);
  ASSERT_EQ(started(), 2U);
  EXPECT_EQ(all<command::start>()[0].call, second);
}

TEST_F(BookOfTwoHosts, NeverWaitsForLong) {
  submit_reading(2, 1'000'000 * mb);
  submit_reading(2, 1'000'000 * mb);
  now += 2s;
  step(event::ticked{});
  EXPECT_EQ(started(), 1U);
}

TEST_F(BookOfTwoHosts, KeepsAnIdleWorkerThatACallMayGoToAfterItsWait) {
  submit_reading(2, 1'000'000 * mb);
  submit_reading(2, 1'000'000 * mb);
  for (int i = 0; i < 3; ++i) {
    now += 600ms;
    step(event::ticked{});
    EXPECT_TRUE(all<command::release>().empty());
  }
}

TEST_F(BookOfTwoHosts, DoesNotWaitWhereNoWorkerIsNear) {
  submit_reading(3, 1000 * mb);
  EXPECT_NE(started(), 0U);
}

TEST_F(BookOfTwoHosts, LetsOthersPassACallThatWaits) {
  submit_reading(2, 1000 * mb);
  submit_reading(2, 1000 * mb);
  const auto other = submit(1)[0];
  ASSERT_EQ(started(), 1U);
  EXPECT_EQ(all<command::start>()[0].call, other);
}

TEST_F(BookOfTwoHosts, HoldsBackOnlySoManyForAWorkerThatIsNear) {
  submit_reading(2, 1000 * mb);
  submit(64, {}, {host_id{2}, 1000 * mb});
  EXPECT_EQ(started(), 0U);
  submit_reading(2, 1000 * mb);
  EXPECT_EQ(started(), 1U);
}

TEST_F(BookOfTwoHosts, PlacesACallNearTheResultThatItWaitedFor) {
  const auto first = submit(2);
  const auto on_two = first[1];
  event::submitted what{pool, {}, {{.id = book_.announce(), .after = 1}}, {on_two}, false};
  step(what);
  step(event::reported{worker_id{1}, {{first[0], 1}}, 10ms});
  step(event::reported{
      worker_id{2}, {{on_two, 1, ending::succeeded, true, {host_id{2}, 5 * mb}}}, 10ms});
  EXPECT_EQ(started(), 2U);
}

TEST_F(BookOfTwoHosts, TakesNothingBackFromAWorkerThatIsNearForOneThatIsNot) {
  for (int i = 0; i < 40; ++i) ended(2, submit_reading(2, mb), ending::succeeded, 1us);
  submit(4, {}, {host_id{2}, 3 * mb});
  step(event::worker_ready{worker_id{3}, pool, 1, host_id{1}});
  EXPECT_TRUE(all<command::recall>().empty());
  now += 30ms;
  step(event::ticked{});
  EXPECT_EQ(all<command::recall>().size(), 1U) << "they proved long";
}

}  // namespace
}  // namespace fabric::calls
