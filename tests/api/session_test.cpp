#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "actors/api/fleet.hpp"
#include "tests/api/functions.hpp"

namespace fabric {
namespace {

using namespace std::chrono_literals;

session small(double cpus = 2) { return init(session_options{.cpus = cpus, .gpus = 0}); }

template <class Fn>
error caught(Fn fn) {
  try {
    fn();
  } catch (const error& e) {
    return e;
  }
  ADD_FAILURE() << "nothing was thrown";
  return error{{}};
}

TEST(Session, GivesTheResultOfACall) {
  auto s = small();
  EXPECT_EQ(s.submit(work::add, 1, 2).get(), 3);
  EXPECT_EQ(s.submit(work::square, 3).get(), 9);
  EXPECT_EQ(s.submit(work::shout, "hey", "!").get(), "hey!");
  EXPECT_EQ(s.submit(work::doubled, std::vector{1.5}).get(), std::vector{3.0});
  s.submit(work::nothing).get();
  EXPECT_EQ(s.submit(named<int(int, int)>("add"), 2, 3).get(), 5);
}

TEST(Session, MapsManyCallsInOneBatch) {
  auto s = small();
  std::vector<int> xs(20000);
  for (int i = 0; i < 20000; ++i) xs[static_cast<std::size_t>(i)] = i;
  const auto all = s.map(work::add, xs, xs).get();
  for (int i = 0; i < 20000; ++i) ASSERT_EQ(all[static_cast<std::size_t>(i)], 2 * i);
  EXPECT_TRUE(s.map(work::square, std::vector<double>{}).get().empty());
  EXPECT_EQ(s.open_calls(), 0U);
}

TEST(Session, RefusesRangesOfDifferentLengths) {
  auto s = small();
  EXPECT_THROW((void)s.map(work::add, std::vector{1, 2}, std::vector{1}), usage_error);
  EXPECT_THROW((void)s.map(work::add, std::vector{1}, std::vector{1, 2}), usage_error);
}

TEST(Session, MovesWhatCanOnlyBeMoved) {
  auto s = small();
  auto box = s.submit(work::boxed, 5);
  EXPECT_EQ(*box.get(), 5);
  EXPECT_EQ(*std::move(box).get(), 5);
  EXPECT_EQ(s.submit(work::unboxed, std::make_unique<int>(6)).get(), 6);
  EXPECT_EQ(s.submit(work::unboxed, s.submit(work::boxed, 7)).get(), 7);
  EXPECT_EQ(
      s.submit({.retries = 1, .backoff = 0us}, work::moved_twice, std::make_unique<int>(8)).get(),
      8);
}

TEST(Session, GivesWhatCanOnlyBeMovedToAllWhoAskForIt) {
  auto s = small();
  const auto box = s.submit(work::boxed, 5);
  const auto first = s.submit(work::unboxed, box);
  const auto second = s.submit(work::unboxed, box);
  EXPECT_EQ(first.get(), 5);
  EXPECT_EQ(second.get(), 5);
  EXPECT_EQ(*future<std::unique_ptr<int>>{box}.get(), 5);
  EXPECT_EQ(*box.get(), 5);
  const auto many = s.map(work::boxed, std::vector{1, 2});
  EXPECT_EQ(*many.get()[1], 2);
  EXPECT_EQ(*many.get()[1], 2);
  EXPECT_EQ(*s.submit(work::boxes, 3).get()[2], 2);
}

TEST(Session, ARetryIfThatThrowsDoesNotAgree) {
  auto s = small();
  const auto e = caught([&] {
    (void)s
        .submit({.retries = 3, .retry_if = [](const failure&) -> bool { throw 1; }}, work::half_of,
                1)
        .get();
  });
  EXPECT_EQ(e.type(), "std::domain_error");
  EXPECT_EQ(e.attempt(), 1U);
}

TEST(Session, TellsTypeTextAndPlaceOfAFailure) {
  auto s = small();
  const auto f = s.submit(work::half_of, 3);
  const auto e = caught([&] { (void)f.get(); });
  EXPECT_EQ(e.kind(), error_kind::task_failed);
  EXPECT_EQ(e.type(), "std::domain_error");
  EXPECT_EQ(e.message(), "odd");
  EXPECT_EQ(e.function(), "half_of");
  EXPECT_EQ(e.attempt(), 1U);
  EXPECT_FALSE(e.node().empty());
  EXPECT_THROW((void)f.get(), task_error) << "each time";
  EXPECT_EQ(caught([&] { s.submit(work::throw_number).get(); }).type(), "int");
}

TEST(Session, RefusesUnregisteredFunctionsAsAClusterWould) {
  auto s = small();
  EXPECT_EQ(caught([&] { (void)s.submit(work::unregistered, 1); }).kind(),
            error_kind::unknown_function);
  EXPECT_EQ(caught([&] { (void)s.submit(named<int(int)>("nobody"), 1).get(); }).kind(),
            error_kind::unknown_function);
  EXPECT_EQ(caught([&] { (void)s.submit(named<int(std::string)>("add"), "x").get(); }).kind(),
            error_kind::bad_arguments);
  EXPECT_EQ(caught([&] { (void)s.submit(named<std::string(int, int)>("add"), 1, 2).get(); }).kind(),
            error_kind::bad_result);
}

TEST(Session, RefusesOptionsThatMakeNoSense) {
  auto s = small();
  const auto refused = [&](const call_options& how) {
    return caught([&] { (void)s.submit(how, work::add, 1, 2); }).kind() == error_kind::usage;
  };
  EXPECT_TRUE(refused({.cpus = -1}));
  EXPECT_TRUE(refused({.gpus = 1.5}));
  EXPECT_TRUE(refused({.resources = {{"Bad Name", 1}}}));
  EXPECT_TRUE(refused({.labels = "zone"}));
  EXPECT_TRUE(refused({.priority = 5000}));
  EXPECT_TRUE(refused({.time_limit = -1us}));
  EXPECT_TRUE(refused({.after = {future<int>{}}}));
}

TEST(Session, ANamedCallWhoseArgumentCannotBePackedFails) {
  auto s = small();
  const auto e = caught([&] {
    (void)s
        .submit(named<int(work::prickly)>("take_prickly"),
                work::prickly{work::prickly::point::packed})
        .get();
  });
  EXPECT_EQ(e.kind(), error_kind::bad_arguments);
  const auto result = caught([&] {
    (void)s
        .submit(named<work::prickly(work::prickly::point)>("give_prickly"),
                work::prickly::point::unpacked)
        .get();
  });
  EXPECT_EQ(result.kind(), error_kind::bad_result);
}

TEST(Session, SaysAtOnceWhatIsMissingForACallThatCanNeverRun) {
  auto s = small();
  const auto e = caught([&] { (void)s.submit({.cpus = 64}, work::add, 1, 2).get(); });
  EXPECT_EQ(e.kind(), error_kind::infeasible);
  EXPECT_NE(e.message().find("needs cpu 64 and there is 2"), std::string::npos) << e.what();
  const auto l = caught([&] { (void)s.submit({.labels = "zone=lab"}, work::add, 1, 2).get(); });
  EXPECT_NE(l.message().find("zone=lab"), std::string::npos) << l.what();
}

TEST(Session, RunsAgainWhatFailed) {
  auto s = small();
  EXPECT_EQ(s.submit({.retries = 2, .backoff = 1ms}, work::third_time).get(), 3U);
  const auto e =
      caught([&] { (void)s.submit({.retries = 1, .backoff = 0us}, work::third_time).get(); });
  EXPECT_EQ(e.attempt(), 2U);
  const call_options picky{.retries = 5, .backoff = 0us, .retry_if = [](const failure& f) {
                             return f.type != "std::runtime_error";
                           }};
  EXPECT_EQ(caught([&] { (void)s.submit(picky, work::third_time).get(); }).attempt(), 1U);
  EXPECT_EQ(
      caught([&] {
        (void)s.submit({.retries = 5, .retry_on = {error_kind::timed_out}}, work::third_time).get();
      }).attempt(),
      1U);
}

TEST(Session, TellsATaskWhatItIs) {
  auto s = small();
  EXPECT_EQ(s.submit(work::attempt_and_name).get(), "attempt_and_name 1");
  EXPECT_EQ(s.submit({.name = "mine"}, work::attempt_and_name).get(), "mine 1");
  EXPECT_FALSE(in_task());
  EXPECT_THROW((void)this_task(), usage_error);
}

TEST(Session, StopsCallsThatAreCancelledOrOverTime) {
  auto s = small(1);
  auto f = s.submit(work::until_stopped, 1);
  auto behind = s.submit(work::add, 1, 1);
  behind.cancel();
  EXPECT_THROW((void)behind.get(), cancelled_error);
  f.cancel();
  EXPECT_THROW((void)f.get(), cancelled_error);
  EXPECT_THROW((void)s.submit({.time_limit = 5ms}, work::until_stopped, 1).get(), timeout_error);
  EXPECT_THROW((void)s.submit({.deadline = 5ms}, work::until_stopped, 1).get(), timeout_error);
  EXPECT_THROW(
      (void)s.submit({.retries = 1, .backoff = 0us, .time_limit = 5ms}, work::until_stopped, 1)
          .get(),
      timeout_error);
  EXPECT_EQ(s.submit(work::add, 1, 1).get(), 2) << "the CPU is free again";
}

TEST(Session, EndsAHardCancelledCallAtOnce) {
  auto s = small(1);
  auto f = s.submit(work::hold, 20);
  work::wait_for(20, 1);
  f.cancel(kill::hard);
  EXPECT_THROW(f.get(), cancelled_error);
}

TEST(Session, DoesNotKeepShortCallsBackForALongOneBehindThem) {
  auto s = small(1);
  work::open_gate(61);
  s.map(work::hold, std::vector<int>(2000, 61)).get();  // they are short
  std::vector<int> gates(30, 61);
  gates.push_back(62);
  const auto all = s.map(work::hold, gates);
  for (std::size_t i = 0; i < 30; ++i) all[i].get();
  work::open_gate(62);
  all.get();
}

TEST(Session, KeepsToItsCpus) {
  auto s = small(2);
  std::vector<int> n(200);
  (void)work::most_at_a_time();
  futures<void> all;
  for (int i = 0; i < 200; ++i) all.push_back(s.submit({.cpus = 1}, work::count_me));
  all.get();
  EXPECT_LE(work::most_at_a_time(), 2);
}

TEST(Session, NeverGivesOneGpuToTwo) {
  auto s = init(session_options{.cpus = 4, .gpus = 1});
  (void)work::most_at_a_time();
  futures<void> all;
  for (int i = 0; i < 100; ++i) all.push_back(s.submit({.gpus = 1}, work::count_me));
  all.get();
  EXPECT_EQ(work::most_at_a_time(), 1);
}

TEST(Session, SharesItsCpusBetweenShapesOfCalls) {
  auto s = small(1);
  std::vector<future<void>> many;
  for (int i = 0; i < 3000; ++i) many.push_back(s.submit(work::count_me));
  auto other = s.submit({.cpus = 0.5}, work::add, 1, 2);
  EXPECT_EQ(other.get(), 3);
  EXPECT_FALSE(many.back().is_ready()) << "it did not wait for all of them";
  for (auto& f : many) f.cancel();
}

TEST(Session, LetsTasksWaitForTasksOnOneThread) {
  auto s = small(1);
  work::use(&s);
  EXPECT_EQ(s.submit(work::sum_to, 200).get(), 200 * 201 / 2);
  EXPECT_EQ(s.submit(work::fib, 12).get(), 144);
}

TEST(Session, LetsTasksWaitForTasksOfAnotherShape) {
  auto s = small(2);
  work::use(&s);
  EXPECT_EQ(s.submit(work::wider, 20).get(), 20);
}

TEST(Session, ResolvesFuturesBeforeTheCallStarts) {
  auto s = small();
  auto a = s.submit(work::add, 1, 2);
  auto b = s.submit(work::add, a, a);
  auto c = s.submit(work::add, b, s.submit(work::add, a, 1));
  EXPECT_EQ(c.get(), 10);
  EXPECT_EQ(s.map(work::add, std::vector{a, b}, std::vector{1, 2}).get(), (std::vector{4, 8}));
  auto other = small();
  EXPECT_EQ(other.submit(work::add, a, s.submit(work::add, 2, 2)).get(), 7);
  EXPECT_EQ(s.submit(work::add, a.then([](int x) { return x * 10; }), 1).get(), 31);
}

TEST(Session, FailsWhatNeedsAFailedCallAndSaysWhy) {
  auto s = small();
  auto bad = s.submit(work::half_of, 3);
  auto needs = s.submit(work::add, s.submit(work::add, bad, 1), 1);
  const auto e = caught([&] { (void)needs.get(); });
  EXPECT_EQ(e.kind(), error_kind::dependency_failed);
  EXPECT_NE(e.message().find("odd"), std::string::npos) << e.what();
  EXPECT_THROW((void)s.submit(work::add, bad, 1).get(), task_error) << "also one that is over";
  EXPECT_THROW((void)s.submit({.after = {bad}}, work::add, 1, 1).get(), task_error);
}

TEST(Session, OrdersCallsAfterOthers) {
  auto s = small();
  auto first = s.submit(work::hold, 30);
  auto second = s.submit({.after = {first}}, work::add, 1, 1);
  work::wait_for(30, 1);
  EXPECT_EQ(second.status(), call_status::waiting);
  work::open_gate(30);
  EXPECT_EQ(second.get(), 2);
}

TEST(Session, GivesOneResultForAKey) {
  auto s = small();
  const call_options once{.key = "k"};
  auto a = s.submit(once, work::add, 1, 2);
  auto b = s.submit(once, work::add, 1, 2);
  EXPECT_EQ(a, b);
  EXPECT_EQ(b.get(), 3);
  EXPECT_EQ(s.submit(once, work::add, 1, 2), a) << "also when it is over";
  EXPECT_EQ(caught([&] { (void)s.submit(once, work::add, 1, 3); }).kind(),
            error_kind::key_conflict);
  const call_options failing{.key = "f"};
  EXPECT_THROW((void)s.submit(failing, work::half_of, 1).get(), task_error);
  EXPECT_EQ(s.submit(failing, work::half_of, 2).get(), 1) << "a failure frees the key";
}

TEST(Session, EndsItsCallsWhenItEnds) {
  future<bool> running;
  future<int> queued;
  {
    auto s = small(1);
    running = s.submit(work::until_stopped, 1);
    queued = s.submit(work::add, 1, 1);
  }
  EXPECT_EQ(caught([&] { (void)running.get(); }).kind(), error_kind::session_closed);
  EXPECT_EQ(caught([&] { (void)queued.get(); }).kind(), error_kind::session_closed);
  EXPECT_EQ(queued.then([](future<int> f) { return f.error() != nullptr; }).get(), true);
}

TEST(Session, AnswersCallsAfterItsEnd) {
  auto s = small();
  s.shutdown();
  s.shutdown();
  EXPECT_EQ(caught([&] { (void)s.submit(work::add, 1, 1).get(); }).kind(),
            error_kind::session_closed);
}

TEST(Session, EndsTasksThatWaitForTasks) {
  future<int> f;
  {
    auto s = small(1);
    work::use(&s);
    f = s.submit(work::sum_to, 1000);
  }
  EXPECT_TRUE(f.is_ready());
}

TEST(Session, RefusesAClusterThatItCannotReach) {
  EXPECT_EQ(caught([] { (void)init(session_options{.cluster = "cluster.json"}); }).kind(),
            error_kind::unsupported);
  std::string program = "p";
  std::string flag = "--cluster=x.json";
  char* arguments[] = {program.data(), flag.data(), nullptr};
  EXPECT_EQ(caught([&] { (void)init(2, arguments); }).kind(), error_kind::unsupported);
}

TEST(Session, IsOfNoUseInAChildOfFork) {
  auto s = small();
  auto f = s.submit(work::hold, 40);
  const auto child = fork();
  if (child == 0) {
    bool refused = false;
    try {
      (void)s.submit(work::add, 1, 1);
    } catch (const usage_error&) {
      refused = true;
    }
    try {
      f.get();
      refused = false;
    } catch (const usage_error&) {
    }
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  work::open_gate(40);
  f.get();
}

TEST(Session, IsUsedFromManyThreads) {
  auto s = small();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&s, t] {
      for (int i = 0; i < 300; ++i) {
        auto f = s.submit(work::add, i, t);
        if (i % 3 == 0)
          f.cancel();
        else
          EXPECT_EQ(f.get(), i + t);
      }
    });
  for (auto& t : threads) t.join();
}

TEST(Session, OutlivesAStormOfAllThatCallsCanDo) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    auto s = init(session_options{.cpus = 3, .gpus = 2});
    work::use(&s);
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 3; ++t)
      threads.emplace_back([&s, seed, t] {
        std::mt19937 dice{seed * 10 + t};
        std::vector<future<int>> made{s.submit(work::add, 1, 1)};
        for (int i = 0; i < 60; ++i) {
          const auto& some = made[dice() % made.size()];
          switch (dice() % 9) {
            case 0: made.push_back(s.submit(work::fib, 5)); break;
            case 1: made.push_back(s.submit(work::wider, 4)); break;
            case 2: made.push_back(s.submit({.gpus = 0.5}, work::add, some, 1)); break;
            case 3: made.push_back(some.then([](int x) { return x + 1; })); break;
            case 4: some.cancel(dice() % 2 == 0 ? kill::hard : kill::softly); break;
            case 5: (void)s.submit({.retries = 1, .backoff = 1us}, work::half_of, some); break;
            case 6: (void)s.submit({.time_limit = 1ms}, work::until_stopped, 1); break;
            case 7: (void)s.map(work::half_of, made); break;
            default: made.push_back(s.submit({.cpus = 2, .deadline = 3ms}, work::add, some, 2));
          }
        }
        if (t != 0) when_all(std::move(made)).wait();
      });
    for (auto& t : threads) t.join();
  }
}

}  // namespace
}  // namespace fabric
