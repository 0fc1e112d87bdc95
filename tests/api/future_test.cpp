#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "fabric/coroutine.hpp"
#include "tests/api/functions.hpp"

namespace fabric {
namespace {

using namespace std::chrono_literals;

class Future : public testing::Test {
 protected:
  session s = init(session_options{.cpus = 2, .gpus = 0});
};

TEST_F(Future, TellsItsStateWithoutWaiting) {
  auto f = s.submit(work::hold, 50);
  work::wait_for(50, 1);
  EXPECT_FALSE(f.is_ready());
  EXPECT_EQ(f.status(), call_status::running);
  EXPECT_EQ(f.error(), nullptr);
  EXPECT_EQ(f.try_get(), nullptr);
  EXPECT_FALSE(f.wait_for(1ms));
  EXPECT_THROW(f.get(1ms), wait_error);
  work::open_gate(50);
  f.wait();
  EXPECT_EQ(f.status(), call_status::succeeded);
  EXPECT_NE(f.try_get(), nullptr);
  auto bad = s.submit(work::half_of, 1);
  bad.wait();
  EXPECT_EQ(bad.error()->type, "std::domain_error");
  EXPECT_EQ(bad.status(), call_status::failed);
  EXPECT_THROW((void)future<int>{}.get(), usage_error);
}

TEST_F(Future, GoesOnWithThen) {
  auto f = s.submit(work::add, 1, 2);
  EXPECT_EQ(f.then([](int x) { return x * 2; }).get(), 6);
  EXPECT_EQ(f.then([](const future<int>& done) { return done.get() + 1; }).get(), 4);
  std::promise<std::thread::id> where;
  f.then([&](int) { where.set_value(std::this_thread::get_id()); }).get();
  EXPECT_NE(where.get_future().get(), std::this_thread::get_id());
  EXPECT_EQ(s.submit(work::nothing).then([] { return 5; }).get(), 5);
}

TEST_F(Future, PassesFailuresThroughThen) {
  auto bad = s.submit(work::half_of, 1);
  bool was_called = false;
  auto next = bad.then([&](int x) {
    was_called = true;
    return x;
  });
  EXPECT_THROW((void)next.get(), task_error);
  EXPECT_FALSE(was_called);
  auto own = s.submit(work::add, 1, 1).then([](int) -> int { throw std::logic_error("mine"); });
  try {
    (void)own.get();
    FAIL();
  } catch (const task_error& e) {
    EXPECT_EQ(e.type(), "std::logic_error");
  }
}

TEST_F(Future, MayBeWaitedForInACallback) {
  auto a = s.submit(work::add, 1, 1);
  auto sum = a.then([this](int x) {
    auto inner = s.submit(work::add, x, 1).then([](int y) { return y * 10; });
    return inner.get();
  });
  EXPECT_EQ(sum.get(), 30);
}

TEST_F(Future, LetsAThenBeCancelled) {
  auto f = s.submit(work::hold, 51);
  auto next = f.then([] { return 1; });
  next.cancel();
  EXPECT_THROW((void)next.get(), cancelled_error);
  work::open_gate(51);
  f.get();
}

TEST_F(Future, WaitsForAll) {
  std::vector<future<int>> all;
  for (int i = 0; i < 10; ++i) all.push_back(s.submit(work::half_of, i));
  const auto done = when_all(all).get();
  ASSERT_EQ(done.size(), 10U);
  for (const auto& f : done) EXPECT_TRUE(f.is_ready());
  EXPECT_EQ(done[4].get(), 2);
  EXPECT_NE(done[3].error(), nullptr);
  auto [a, b] = when_all(s.submit(work::add, 1, 1), s.submit(work::nothing)).get();
  EXPECT_EQ(a.get(), 2);
  EXPECT_TRUE(b.is_ready());
  EXPECT_TRUE(when_all(std::vector<future<int>>{}).get().empty());
}

TEST_F(Future, WaitsForTheFirst) {
  auto held = s.submit(work::hold, 52);
  auto quick = s.submit(work::nothing);
  EXPECT_EQ(when_any(std::vector{held, quick}).get(), 1U);
  work::open_gate(52);
  held.get();
}

TEST_F(Future, ComesInTheOrderOfCompletion) {
  std::vector<future<void>> all{s.submit(work::hold, 53), s.submit(work::nothing)};
  as_completed done(all);
  auto at = done.begin();
  EXPECT_EQ(*at, all[1]);
  work::open_gate(53);
  ++at;
  EXPECT_EQ(*at, all[0]);
  ++at;
  EXPECT_TRUE(at == done.end());
  std::multiset<int> seen;
  const auto many = s.map(work::add, std::vector{1, 2, 3}, std::vector{1, 2, 3});
  for (const auto& f : as_completed(many)) seen.insert(f.get());
  EXPECT_EQ(seen, (std::multiset<int>{2, 4, 6}));
}

async<int> awaits(session& s, int n) {
  const int a = co_await s.submit(work::add, n, 1);
  const int b = co_await s.submit(work::half_of, a);
  co_return a + b;
}
async<void> nested(session& s, int& out) {
  out = co_await awaits(s, 3);
  co_await s.submit(work::nothing);
}

TEST_F(Future, IsAwaitedInCoroutines) {
  EXPECT_EQ(awaits(s, 3).get(), 6);
  EXPECT_THROW((void)awaits(s, 2).get(), task_error);
  int out = 0;
  nested(s, out).get();
  EXPECT_EQ(out, 6);
}

async<int> awaits_what_is_cancelled(session& s) {
  const auto never = s.submit(work::hold, 60);
  never.cancel();
  co_await never;
  co_return 1;
}

TEST_F(Future, OfACoroutineIsAnArgumentAsAnyOther) {
  EXPECT_EQ(s.submit(work::add, awaits(s, 3), 1).get(), 7);
  const auto one = awaits(s, 3);
  EXPECT_EQ(s.submit({.after = {one}}, work::add, one, one).get(), 12);
}

TEST_F(Future, PassesErrorsOnAsTheyAre) {
  EXPECT_THROW((void)awaits_what_is_cancelled(s).get(), cancelled_error);
  const auto bad = s.submit(work::half_of, 1);
  const auto passed = bad.then([](const future<int>& f) { return f.get(); });
  passed.wait();
  EXPECT_EQ(*passed.error(), *bad.error());
}

TEST_F(Future, OutlivesItsSession) {
  future<int> f;
  {
    auto other = init(session_options{.cpus = 1, .gpus = 0});
    f = other.submit(work::add, 1, 1);
    f.wait();
  }
  EXPECT_EQ(f.get(), 2);
  EXPECT_EQ(f.then([](int x) { return x + 1; }).get(), 3);
}

}  // namespace
}  // namespace fabric
