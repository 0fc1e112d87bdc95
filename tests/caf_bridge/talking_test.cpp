#include <gtest/gtest.h>

#include <set>

#include "tests/caf_bridge/cluster.hpp"

/// What actors of several programs say to each other, and what comes back.
namespace fabric::actors {
namespace {

using namespace std::chrono_literals;

class Talking : public ::testing::Test {
 protected:
  cluster all;
  program here{all};
  program there{all};
  program third{all};
};

/// An actor of `where` as others have it.
caf::actor seen_by(program& who, program& where, const caf::actor& actor) {
  static int seen = 0;
  const std::string name = "actor " + std::to_string(++seen);
  where.node.publish(actor, name);
  return who.find(name);
}

TEST_F(Talking, WithActorsThatAreComposedOfOthersElsewhere) {
  const auto twice = there.spawn([]() -> caf::behavior { return {[](int a) { return 2 * a; }}; });
  const auto sum = seen_by(here, third, third.spawn(adder));
  const auto twice_the_sum = seen_by(here, there, twice) * sum;
  EXPECT_EQ(here.ask(twice_the_sum, 20, 1), "42") << "both are elsewhere";
  const auto own = here.spawn([]() -> caf::behavior { return {[](int a) { return -a; }}; });
  EXPECT_EQ(here.ask(own * sum, 20, 1), "-21") << "the outer one is here";
  EXPECT_EQ(there.ask(seen_by(there, here, twice_the_sum), 1, 1), "4") << "it is published itself";
}

TEST_F(Talking, WithAPoolOfActorsElsewhere) {
  caf::scoped_execution_unit context{&here.system};
  auto pool = caf::actor_pool::make(&context, caf::actor_pool::round_robin());
  for (program* where : {&there, &third})
    here.self->send(pool, caf::sys_atom::value, caf::put_atom::value,
                    seen_by(here, *where, where->spawn(adder)));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(here.ask(pool, i, i), std::to_string(2 * i));
  EXPECT_EQ(third.ask(seen_by(third, here, pool), 20, 22), "42") << "and from outside";
  here.self->send_exit(pool, caf::exit_reason::kill);
}

TEST_F(Talking, ThatIsPassedOnIsAnsweredByWhoGetsIt) {
  const auto far = seen_by(there, third, third.spawn(adder));
  const auto delegates = there.spawn([far](caf::event_based_actor* self) -> caf::behavior {
    return {[self, far](int a, int b) { return self->delegate(far, a, b); }};
  });
  EXPECT_EQ(here.ask(seen_by(here, there, delegates), 40, 2), "42");
  const auto promises = there.spawn([far](caf::event_based_actor* self) -> caf::behavior {
    return {[self, far](int a) {
      auto promise = self->make_response_promise();
      return promise.delegate(far, a, a);
    }};
  });
  EXPECT_EQ(here.ask(seen_by(here, there, promises), 21), "42") << "by a promise";
  const auto back = seen_by(there, here, here.spawn(adder));
  const auto returns = there.spawn([back](caf::event_based_actor* self) -> caf::behavior {
    return {[self, back](int a) { return self->delegate(back, a, 1); }};
  });
  EXPECT_EQ(here.ask(seen_by(here, there, returns), 41), "42") << "back to where it came from";
}

/// Tells `witness` when it is asked, and never answers.
caf::behavior holding(caf::event_based_actor* self) {
  return {[self](const caf::actor& witness) {
    self->send(witness, caf::ok_atom::value);
    return self->make_response_promise<int>();
  }};
}

/// Asks `whom` to hold on to a request, and tells `reporter` what became of it.
void ask_to_hold(caf::event_based_actor* self, const caf::actor& whom, const caf::actor& witness,
                 const caf::actor& reporter) {
  self->request(whom, caf::infinite, witness)
      .then([=](int) { self->send(reporter, "answered"); },
            [=](const caf::error& why) { self->send(reporter, self->home_system().render(why)); });
}

TEST_F(Talking, ThatIsPassedOnFailsWithTheProgramThatHasIt) {
  auto fourth = std::make_unique<program>(all);
  const auto far = seen_by(there, *fourth, fourth->spawn(holding));
  const auto delegates = there.spawn([far](caf::event_based_actor* self) -> caf::behavior {
    return {[self, far](const caf::actor& witness) { return self->delegate(far, witness); }};
  });
  const caf::actor witness{third.self};
  third.node.publish(witness, "witness");
  here.system.spawn(ask_to_hold, seen_by(here, there, delegates), here.find("witness"),
                    caf::actor{here.self});
  third.self->receive([](caf::ok_atom) {});
  fourth.reset();
  std::string told;
  here.self->receive([&](const std::string& line) { told = line; });
  EXPECT_NE(told.find("remote_link_unreachable"), std::string::npos) << told;
}

TEST_F(Talking, WithActorsThatBlock) {
  const auto sums = there.spawn([](caf::blocking_actor* self) {
    bool goes_on = true;
    self->receive_while(goes_on)([](int a, int b) { return a + b; },
                                 [&](caf::close_atom) { goes_on = false; });
  });
  const auto seen = seen_by(here, there, sums);
  EXPECT_EQ(here.ask(seen, 40, 2), "42");
  here.self->monitor(seen);
  here.self->send(seen, caf::close_atom::value);
  here.self->receive([&](const caf::down_msg& what) { EXPECT_EQ(what.source, seen); });
}

TEST_F(Talking, WithScopedActors) {
  here.node.publish(caf::actor{here.self}, "self");
  there.self->send(there.find("self"), "hello", caf::actor{there.self});
  caf::actor from;
  here.self->receive([&](const std::string&, const caf::actor& who) { from = who; });
  here.self->send(from, 5);
  int told = 0;
  there.self->receive([&](int n) { told = n; });
  EXPECT_EQ(told, 5);
}

TEST_F(Talking, OfActorsOfAThirdProgram) {
  there.node.publish(caf::actor{there.self}, "there");
  const auto sum = seen_by(here, third, third.spawn(adder));
  here.self->send(here.find("there"), std::vector<int>{}, sum, caf::actor{here.self});
  there.self->receive([&](const std::vector<int>&, const caf::actor& far, const caf::actor& back) {
    EXPECT_EQ(there.ask(far, 40, 2), "42");
    there.self->send(back, far);
  });
  here.self->receive(
      [&](const caf::actor& again) { EXPECT_EQ(again, sum) << "it is the same handle"; });
}

TEST_F(Talking, FailsAtItsTimeLimitAndALateAnswerIsNoOnes) {
  const auto late =
      there.spawn([](caf::stateful_actor<caf::response_promise>* self) -> caf::behavior {
        return {[self](const caf::actor&) {
                  self->state = self->make_response_promise();
                  return self->state;
                },
                [self](caf::ok_atom) { return self->state.deliver(1), 2; }};
      });
  const auto seen = seen_by(here, there, late);
  caf::error why;
  here.self->request(seen, 1ms, seen)
      .receive([](int) { FAIL(); }, [&](const caf::error& e) { why = e; });
  EXPECT_EQ(why, caf::sec::request_timeout);
  EXPECT_EQ(here.ask(seen, caf::ok_atom::value), "2");
  EXPECT_EQ(here.ask(seen_by(here, there, there.spawn(adder)), 40, 2), "42");
}

TEST_F(Talking, FailsWithTheErrorsOfProgramsThemselves) {
  const auto fails = there.spawn([]() -> caf::behavior {
    return {[](int n) -> caf::result<int> {
      if (n == 1) return make_error(mishap::spilled);
      return caf::make_error(caf::sec::runtime_error, "at", 5);
    }};
  });
  const auto seen = seen_by(here, there, fails);
  EXPECT_NE(here.ask(seen, 1).find("spilled (\"on the floor\")"), std::string::npos)
      << here.ask(seen, 1);
  EXPECT_NE(here.ask(seen, 2).find("runtime_error, (\"at\", 5)"), std::string::npos)
      << here.ask(seen, 2);
}

TEST_F(Talking, OfWhatTheReceiverDoesNotTakeFailsAsInOneProcess) {
  const auto seen = seen_by(here, there, there.spawn(adder));
  const auto own = here.spawn(adder);
  EXPECT_EQ(here.ask(seen, 1.5), here.ask(own, 1.5));
  EXPECT_NE(here.ask(seen, 1.5).find("unexpected_message"), std::string::npos);
}

TEST_F(Talking, InTypesThatAreNotRegisteredIsRefusedByName) {
  program ignorant{all, {}, knows::no_riddle};
  const auto reads = [&](program& where) {
    return where.spawn([]() -> caf::behavior { return {[](riddle what) { return what.value; }}; });
  };
  const auto expected = "riddle\\\" is not registered";
  const auto theirs = seen_by(here, ignorant, reads(ignorant));
  EXPECT_NE(here.ask(theirs, riddle{1}).find(expected), std::string::npos)
      << here.ask(theirs, riddle{1});
  const auto ours = seen_by(ignorant, here, reads(here));
  EXPECT_NE(ignorant.ask(ours, riddle{1}).find("riddle is not registered"), std::string::npos)
      << ignorant.ask(ours, riddle{1});
  here.self->send(theirs, riddle{2});
  EXPECT_EQ(here.ask(seen_by(here, ignorant, ignorant.spawn(adder)), 1, 2), "3");
  const auto lines = ignorant.complaints.lines();
  ASSERT_EQ(lines.size(), 1U) << "of what is no request, the receiver's side tells";
  EXPECT_NE(lines.front().find("riddle"), std::string::npos);
  EXPECT_EQ(here.ask(seen_by(here, there, reads(there)), riddle{3}), "3");
}

TEST_F(Talking, InAnswersOfTypesThatAreNotRegisteredFailsTheRequest) {
  program ignorant{all, {}, knows::no_riddle};
  const auto riddles =
      ignorant.spawn([]() -> caf::behavior { return {[](int n) { return riddle{n}; }}; });
  EXPECT_NE(here.ask(seen_by(here, ignorant, riddles), 1).find("riddle is not registered"),
            std::string::npos);
  const auto knowing =
      here.spawn([]() -> caf::behavior { return {[](int n) { return riddle{n}; }}; });
  EXPECT_NE(ignorant.ask(seen_by(ignorant, here, knowing), 1).find("riddle\\\" is not registered"),
            std::string::npos);
}

TEST_F(Talking, WithWhoHasEndedFails) {
  const auto ends = there.spawn(adder);
  const auto seen = seen_by(here, there, ends);
  here.self->monitor(seen);
  there.self->send_exit(ends, caf::exit_reason::user_shutdown);
  here.self->receive([](const caf::down_msg&) {});
  EXPECT_NE(here.ask(seen, 1, 2).find("request_receiver_down"), std::string::npos)
      << here.ask(seen, 1, 2);
}

}  // namespace
}  // namespace fabric::actors
