#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/api/actors.hpp"

namespace work {

int add_through(fabric::actor<counter> to, int n) { return to.call(&counter::add, n).get(); }
FABRIC_FUNCTION(add_through);
fabric::actor<counter> spawn_one(int start) {
  return fabric::this_session().spawn<counter>({}, start);
}
FABRIC_FUNCTION(spawn_one);

}  // namespace work

namespace fabric {
namespace {

using namespace std::chrono_literals;
using work::counter;
using work::ledger;
using work::notebook;

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

template <class T>
gone end_of(const actor<T>& which) {
  std::promise<gone> told;
  which.monitor([&](const gone& why) { told.set_value(why); });
  return told.get_future().get();
}

TEST(Actor, KeepsItsStateBetweenCalls) {
  auto s = small();
  const auto c = s.spawn<counter>({}, 5);
  EXPECT_EQ(c.call(&counter::add, 2).get(), 7);
  EXPECT_EQ(c.call(&counter::add, 3).get(), 10);
  EXPECT_EQ(c.call(&counter::get).get(), 10);
  EXPECT_EQ(c.status(), actor_status::alive);
  EXPECT_EQ(c.life(), 1U);
  EXPECT_EQ(c.name(), "counter");
}

TEST(Actor, RunsTheCallsOfOneCallerInTheirOrder) {
  auto s = small();
  const auto book = s.spawn<notebook>();
  for (int i = 0; i < 500; ++i) (void)book.call(&notebook::note, i);
  const auto all = book.call(&notebook::all).get();
  ASSERT_EQ(all.size(), 500U);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(all[static_cast<std::size_t>(i)], i);
}

TEST(Actor, WaitsForFuturesAmongItsArgumentsWithoutLosingTheOrder) {
  auto s = small();
  const auto book = s.spawn<notebook>();
  const auto held = s.submit(work::hold, 201);
  const auto late = held.then([] { return 1; });
  (void)book.call(&notebook::note, late);
  (void)book.call(&notebook::note, 2);
  work::open_gate(201);
  EXPECT_EQ(book.call(&notebook::all).get(), (std::vector{1, 2}));
  const auto made = s.spawn<counter>({}, s.submit(work::add, 1, 2));
  EXPECT_EQ(made.call(&counter::get).get(), 3);
}

TEST(Actor, ACallWhoseArgumentFailsFailsAndTheNextOnesGoOn) {
  auto s = small();
  const auto c = s.spawn<counter>({}, 0);
  const auto bad = c.call(&counter::add, s.submit(work::half_of, 3));
  EXPECT_EQ(c.call(&counter::add, 1).get(), 1);
  EXPECT_EQ(caught([&] { (void)bad.get(); }).kind(), error_kind::dependency_failed);
  const auto unmade = s.spawn<counter>({}, s.submit(work::half_of, 3));
  EXPECT_EQ(caught([&] { (void)unmade.call(&counter::get).get(); }).kind(), error_kind::actor_gone);
}

TEST(Actor, AnExceptionIsTheFailureOfItsCall) {
  auto s = small();
  const auto c = s.spawn<counter>({}, 0);
  const auto e = caught([&] { (void)c.call(&counter::throw_odd, 3).get(); });
  EXPECT_EQ(e.kind(), error_kind::task_failed);
  EXPECT_EQ(e.type(), "std::domain_error");
  EXPECT_EQ(e.function(), "counter::throw_odd");
  EXPECT_EQ(c.call(&counter::get).get(), 3) << "it lives on";
}

TEST(Actor, AnExceptionEndsItWhereTheOptionsSaySo) {
  auto s = small();
  const auto c =
      s.spawn<counter>({.restarts = {.most = 1}, .exceptions = on_exception::fail_actor}, 0);
  EXPECT_EQ(caught([&] { (void)c.call(&counter::throw_odd, 3).get(); }).type(),
            "std::domain_error");
  EXPECT_EQ(c.call(&counter::add, 1).get(), 1) << "made anew";
  EXPECT_EQ(c.life(), 2U);
}

TEST(Actor, AConstructorThatThrowsIsToldByCallsAndMonitors) {
  auto s = small();
  const auto c = s.spawn<counter>({.restarts = {.most = 5}}, -1);
  const auto why = end_of(c);
  EXPECT_EQ(why.reason, gone_reason::not_made);
  EXPECT_EQ(why.what, "std::invalid_argument: negative");
  EXPECT_EQ(why.restarts, 0U);
  const auto e = caught([&] { (void)c.call(&counter::get).get(); });
  EXPECT_EQ(e.kind(), error_kind::actor_gone);
  EXPECT_NE(std::string(e.what()).find("negative"), std::string::npos) << e.what();
  EXPECT_EQ(c.status(), actor_status::gone);
}

TEST(Actor, WhoseArgumentsCannotBePackedIsNotMadeAndHasNoName) {
  using enum work::prickly::point;
  auto s = small();
  for (const auto where : {packed, packed_number, unpacked}) {
    const auto at_once = s.spawn<work::cactus>({.name = "spike"}, work::prickly{where});
    EXPECT_EQ(end_of(at_once).reason, gone_reason::not_made);
    const auto later = s.spawn<work::cactus>(
        {.name = "spike"},
        s.submit(work::add, 1, 1).then([where](int) { return work::prickly{where}; }));
    EXPECT_EQ(end_of(later).reason, gone_reason::not_made);
  }
  const auto fine = s.spawn<work::cactus>({.name = "spike"}, work::prickly{});
  EXPECT_EQ(fine.call(&work::cactus::touch).get(), 1);
}

TEST(Actor, StopsWhenItSaysSo) {
  auto s = small();
  const auto c = s.spawn<counter>({.restarts = {.most = 5}}, 0);
  c.call(&counter::finish).get();
  EXPECT_EQ(end_of(c).reason, gone_reason::stopped);
}

TEST(Actor, IsRestartedAsOftenAsItsRulesAllow) {
  auto s = small();
  const auto c = s.spawn<counter>({.restarts = {.most = 2, .within = 1h}}, 4);
  for (unsigned life = 1; life <= 3; ++life) {
    EXPECT_EQ(c.call(&counter::life).get(), life);
    EXPECT_EQ(c.call(&counter::add, 1).get(), 5) << "as it was made";
    c.call(&counter::break_down, "told to").get();
  }
  const auto why = end_of(c);
  EXPECT_EQ(why.reason, gone_reason::restart_limit);
  EXPECT_EQ(why.restarts, 2U);
  EXPECT_EQ(why.what, "told to");
}

TEST(Actor, CallsThatWereNotBegunGoToTheNextLife) {
  auto s = small();
  const auto c = s.spawn<counter>({.restarts = {.most = 1}}, 0);
  const auto held = c.call(&counter::hold_at, 202);
  work::wait_for(202, 1);
  const auto broken = c.call(&counter::break_down, "now");
  std::vector<future<int>> behind;
  for (int i = 0; i < 10; ++i) behind.push_back(c.call(&counter::add, 1));
  work::open_gate(202);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(behind[static_cast<std::size_t>(i)].get(), i + 1);
  held.get();
  broken.get();
  EXPECT_EQ(c.life(), 2U);
}

TEST(Actor, KeepsItsCheckpointOverARestart) {
  auto s = small();
  const auto each = s.spawn<ledger>({.restarts = {.most = 5}}, -1);
  (void)each.call(&ledger::add, 5);
  (void)each.call(&ledger::add, 6);
  each.call(&ledger::break_down).get();
  EXPECT_EQ(each.call(&ledger::add, 1).get(), 12);
  const auto asked = s.spawn<ledger>({.restarts = {.most = 5}, .checkpoint_every = 0}, -1);
  (void)asked.call(&ledger::add_and_keep, 5);
  (void)asked.call(&ledger::add, 6);
  asked.call(&ledger::break_down).get();
  EXPECT_EQ(asked.call(&ledger::add, 1).get(), 6);
}

TEST(Actor, OneThatCannotSaveHasFailed) {
  auto s = small();
  const auto c = s.spawn<ledger>({}, 7);
  (void)c.call(&ledger::add, 7);
  const auto why = end_of(c);
  EXPECT_EQ(why.reason, gone_reason::failed);
  EXPECT_EQ(why.what, "std::runtime_error: save() threw: cannot save");
}

TEST(Actor, AKillEndsItAndItsCallsAtOnce) {
  auto s = small();
  const auto c = s.spawn<counter>({.restarts = {.most = 5}}, 0);
  const auto running = c.call(&counter::hold_at, 203);
  work::wait_for(203, 1);
  const auto behind = c.call(&counter::add, 1);
  c.kill();
  EXPECT_EQ(caught([&] { (void)behind.get(); }).kind(), error_kind::actor_gone);
  EXPECT_EQ(caught([&] { running.get(); }).kind(), error_kind::actor_gone);
  EXPECT_EQ(end_of(c).reason, gone_reason::killed);
  c.kill();
}

TEST(Actor, RefusesOrWaitsWhereTooManyCallsAreOpen) {
  auto s = small();
  const auto c = s.spawn<counter>({.pending_max = 2}, 0);
  const auto held = c.call(&counter::hold_at, 204);
  work::wait_for(204, 1);
  const auto second = c.call(&counter::add, 1);
  const auto e = caught([&] { (void)c.call({.full = when_full::refuse}, &counter::add, 1); });
  EXPECT_EQ(e.kind(), error_kind::busy);
  std::thread other([] { work::open_gate(204); });
  EXPECT_EQ(c.call(&counter::add, 1).get(), 2) << "waits for room";
  other.join();
  held.get();
  EXPECT_EQ(second.get(), 1);
}

TEST(Actor, ACallCanBeTimedOutOrCancelled) {
  auto s = small();
  const auto c = s.spawn<counter>({}, 0);
  const auto held = c.call({.timeout = 20ms}, &counter::hold_at, 205);
  EXPECT_EQ(caught([&] { held.get(); }).kind(), error_kind::timed_out);
  EXPECT_EQ(c.call(&counter::add, 1).get(), 1) << "the method was told to stop";
  const auto again = c.call(&counter::hold_at, 206);
  const auto behind = c.call(&counter::add, 10);
  work::wait_for(206, 1);
  behind.cancel();
  again.cancel();
  EXPECT_EQ(caught([&] { (void)behind.get(); }).kind(), error_kind::cancelled);
  EXPECT_EQ(caught([&] { again.get(); }).kind(), error_kind::cancelled);
  EXPECT_EQ(c.call(&counter::get).get(), 1) << "what had not begun did not run";
}

TEST(Actor, RunsSeveralMethodsAtATimeOnRequest) {
  auto s = small();
  const auto c = s.spawn<counter>({.concurrency = 3}, 0);
  std::vector<future<void>> held;
  for (int i = 0; i < 3; ++i) held.push_back(c.call(&counter::hold_at, 207));
  work::wait_for(207, 3);
  work::open_gate(207);
  for (const auto& f : held) f.get();
}

TEST(Actor, MethodsThatWaitForOthersLeaveTheirThreads) {
  auto s = small();
  std::vector<actor<counter>> chain;
  for (int i = 0; i < 50; ++i) chain.push_back(s.spawn<counter>({}, 0));
  std::vector<future<int>> all;
  // Each waits for the next one: many more wait than there are threads.
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    all.push_back(chain[i].call(&counter::add_to, chain[i + 1], 1));
  for (const auto& f : all) EXPECT_EQ(f.get(), 1);
}

TEST(Actor, ThereMayBeThousands) {
  auto s = small();
  const int made = work::lives.made;
  std::vector<actor<counter>> all;
  for (int i = 0; i < 5000; ++i) all.push_back(s.spawn<counter>({}, i));
  std::vector<future<int>> sums;
  for (const auto& c : all) sums.push_back(c.call(&counter::add, 1));
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(sums[static_cast<std::size_t>(i)].get(), i + 1);
  EXPECT_EQ(work::lives.made - made, 5000);
  s.shutdown();
  EXPECT_EQ(work::lives.made, work::lives.unmade) << "all of them are destroyed";
}

TEST(Actor, TravelsAsAnArgumentAndResult) {
  auto s = small();
  const auto c = s.spawn<counter>({}, 1);
  EXPECT_EQ(s.submit(work::add_through, c, 4).get(), 5);
  EXPECT_EQ(s.submit(named<int(actor<counter>, int)>("add_through"), c, 4).get(), 9);
  EXPECT_EQ(c.call(&counter::itself).get(), c);
  const auto other = s.submit(work::spawn_one, 7).get();
  EXPECT_EQ(other.call(&counter::get).get(), 7);
}

TEST(Actor, MovesWhatCanOnlyBeMoved) {
  auto s = small();
  const auto c = s.spawn<counter>({}, 1);
  EXPECT_EQ(*c.call(&counter::boxed_value, std::make_unique<int>(2)).get(), 3);
}

TEST(Actor, IsFoundByItsName) {
  auto s = small();
  const auto c = s.spawn<counter>({.name = "hits", .name_space = "a"}, 3);
  EXPECT_EQ(s.find_actor<counter>("hits", "a"), c);
  EXPECT_EQ(c.name(), "hits");
  EXPECT_EQ(caught([&] { (void)s.find_actor<counter>("hits"); }).kind(), error_kind::not_found);
  const auto e = caught([&] { (void)s.spawn<counter>({.name = "hits", .name_space = "a"}, 1); });
  EXPECT_EQ(e.kind(), error_kind::name_taken);
  (void)s.spawn<counter>({.name = "hits", .name_space = "b"}, 1);
  c.kill();
  EXPECT_EQ(end_of(c).actor, "hits");
  const auto next = s.spawn<counter>({.name = "hits", .name_space = "a"}, 4);
  EXPECT_EQ(s.find_actor<counter>("hits", "a").call(&counter::get).get(), 4);
}

TEST(Actor, AGroupFallsTogether) {
  auto s = small();
  const auto group = s.make_group(supervision::one_for_all, {.most = 1, .within = 1h});
  const auto a = s.spawn<counter>({.group = group}, 1);
  const auto b = s.spawn<counter>({.group = group}, 2);
  EXPECT_EQ(b.call(&counter::add, 5).get(), 7);
  a.call(&counter::break_down, "x").get();
  // Which life b has when a is alive again is known; its calls until then may meet either.
  while (b.call(&counter::life).get() == 1) {
  }
  EXPECT_EQ(b.call(&counter::get).get(), 2);
  a.call(&counter::break_down, "y").get();
  EXPECT_EQ(end_of(a).reason, gone_reason::restart_limit);
  EXPECT_EQ(end_of(b).reason, gone_reason::restart_limit);
}

TEST(Actor, HoldsWhatItNeedsAsLongAsItLives) {
  auto s = small(2);
  const auto c = s.spawn<counter>({.cpus = 2}, 0);
  EXPECT_EQ(c.call(&counter::get).get(), 0);
  const auto waits = s.submit(work::add, 1, 2);
  EXPECT_FALSE(waits.is_ready());
  c.kill();
  EXPECT_EQ(waits.get(), 3);
  const auto too_large = s.spawn<counter>({.cpus = 3}, 0);
  const auto why = end_of(too_large);
  EXPECT_EQ(why.reason, gone_reason::infeasible);
  EXPECT_NE(why.what.find("cpu"), std::string::npos) << why.what;
}

TEST(Actor, AnActorGetsWhatRestingWorkersHold) {
  auto s = small(1);
  EXPECT_EQ(s.submit(work::add, 1, 2).get(), 3);
  EXPECT_EQ(s.spawn<counter>({.cpus = 1}, 5).call(&counter::get).get(), 5);
}

TEST(Actor, TheEndOfTheSessionEndsItsCalls) {
  auto s = small();
  const auto c = s.spawn<counter>({}, 0);
  const auto held = c.call(&counter::hold_at, 208);
  work::wait_for(208, 1);
  const auto behind = c.call(&counter::add, 1);
  s.shutdown();
  EXPECT_EQ(caught([&] { (void)behind.get(); }).kind(), error_kind::session_closed);
  EXPECT_EQ(caught([&] { (void)c.call(&counter::get).get(); }).kind(), error_kind::session_closed);
  EXPECT_EQ(end_of(c).reason, gone_reason::closed);
  EXPECT_EQ(caught([&] { (void)s.find_actor<counter>("hits", "", 1s); }).kind(),
            error_kind::session_closed);
}

TEST(Actor, AHandleOfNoneSaysSo) {
  const actor<counter> none;
  EXPECT_FALSE(none.valid());
  EXPECT_EQ(none, actor<counter>{});
  EXPECT_EQ(caught([&] { (void)none.name(); }).kind(), error_kind::usage);
  EXPECT_EQ(caught([&] { (void)none.call(&counter::get); }).kind(), error_kind::usage);
  EXPECT_EQ(caught([&] { none.kill(); }).kind(), error_kind::usage);
}

TEST(Actor, WhatMakesNoSenseIsRefusedAtOnce) {
  auto s = small();
  const auto kind_of = [&](const actor_options& how) {
    return caught([&] { (void)s.spawn<counter>(how, 0); }).kind();
  };
  EXPECT_EQ(kind_of({.pending_max = 0}), error_kind::usage);
  EXPECT_EQ(kind_of({.concurrency = 0}), error_kind::usage);
  const auto group = s.make_group(supervision::one_for_one, {.most = 1});
  EXPECT_EQ(kind_of({.restarts = {.most = 1}, .group = group}), error_kind::usage);
  EXPECT_EQ(kind_of({.cpus = -1}), error_kind::usage);
  EXPECT_EQ(kind_of({.restarts = {.within = 0s}}), error_kind::usage);
  EXPECT_EQ(kind_of({.life = lifetime::detached}), error_kind::usage) << "it has no name";
  EXPECT_EQ(kind_of({.name = "x", .life = lifetime::detached}), error_kind::unsupported);
  EXPECT_EQ(kind_of({.group = actor_group{99}}), error_kind::usage);
  EXPECT_EQ(caught([&] { (void)s.spawn<work::unlisted_class>(); }).kind(),
            error_kind::unknown_function);
  const auto c = s.spawn<counter>({}, 0);
  EXPECT_EQ(caught([&] { (void)c.call(&counter::unlisted); }).kind(), error_kind::unknown_function);
  EXPECT_EQ(caught([&] { (void)actor<counter>{}.call(&counter::get); }).kind(), error_kind::usage);
  EXPECT_EQ(caught([&] { (void)s.submit(named<int()>("counter::get")).get(); }).kind(),
            error_kind::task_failed)
      << "a method is no function";
  EXPECT_THROW((void)this_actor(), usage_error);
}

}  // namespace
}  // namespace fabric
