#include <gtest/gtest.h>

#include "tests/caf_bridge/cluster.hpp"

/// Who is told that an actor elsewhere has ended, and who is not.
namespace fabric::actors {
namespace {

class Watching : public ::testing::Test {
 protected:
  /// As this program has it; its own program knows of that.
  caf::actor found() {
    there.node.publish(watched, "watched");
    const auto far = here.find("watched");
    EXPECT_EQ(here.ask(far, 1, 1), "2");
    return far;
  }
  /// Whatever was under way to this program has come.
  void settle() {
    there.node.publish(there.spawn(adder), "witness");
    EXPECT_EQ(here.ask(here.find("witness"), 1, 1), "2");
  }
  /// "down REASON" or "exit REASON" of what comes next; "nothing" where nothing is there.
  std::string told() {
    std::string what = "nothing";
    here.self->receive(
        [&](const caf::down_msg& m) { what = "down " + here.system.render(m.reason); },
        [&](const caf::exit_msg& m) { what = "exit " + here.system.render(m.reason); },
        caf::after(std::chrono::seconds{0}) >> [] {});
    return what;
  }
  /// The same, but waits for it.
  std::string next() {
    std::string what;
    here.self->receive(
        [&](const caf::down_msg& m) { what = "down " + here.system.render(m.reason); },
        [&](const caf::exit_msg& m) { what = "exit " + here.system.render(m.reason); });
    return what;
  }
  void end(const caf::error& reason = caf::exit_reason::user_shutdown) {
    there.self->send_exit(watched, reason);
  }

  cluster all;
  program here{all};
  program there{all};
  caf::actor watched = there.spawn(adder);
  caf::actor seen = found();
};

TEST_F(Watching, EndsWithAnyReason) {
  here.self->monitor(seen);
  end(make_error(mishap::broken));
  EXPECT_EQ(next(), "down broken (\"on the floor\")");
}

TEST_F(Watching, IsToldOfEndsThatWereBefore) {
  here.self->monitor(seen);
  end();
  EXPECT_NE(next().find("down"), std::string::npos);
  here.self->monitor(seen);
  EXPECT_NE(next().find("down"), std::string::npos) << "by the handle that it has";
}

TEST_F(Watching, EndsWhenItIsTaken) {
  here.self->monitor(seen);
  here.self->demonitor(seen);
  program third{all};
  third.self->monitor(third.find("watched"));
  end();
  third.self->receive([](const caf::down_msg&) {});
  settle();
  EXPECT_EQ(told(), "nothing");
}

TEST_F(Watching, IsForEachWhoAskedFor) {
  program third{all};
  third.self->monitor(third.find("watched"));
  here.self->monitor(seen);
  here.self->monitor(seen);
  end();
  EXPECT_EQ(next().substr(0, 4), "down");
  EXPECT_EQ(next().substr(0, 4), "down") << "CAF counts monitors";
  third.self->receive([](const caf::down_msg&) {});
}

TEST_F(Watching, ByLinksEndsBothWaysAndOnce) {
  here.self->link_to(seen);
  end(make_error(mishap::spilled));
  EXPECT_EQ(next().substr(0, 12), "exit spilled");
  settle();
  EXPECT_EQ(told(), "nothing");
}

TEST_F(Watching, ByLinksTakesTheOtherAlong) {
  const auto own = here.spawn([seen = seen](caf::event_based_actor* self) -> caf::behavior {
    self->link_to(seen);
    return {[](caf::ok_atom) { return 1; }};
  });
  EXPECT_EQ(here.ask(own, caf::ok_atom::value), "1");
  there.self->monitor(watched);
  here.self->send_exit(own, caf::exit_reason::user_shutdown);
  there.self->receive(
      [&](const caf::down_msg& what) { EXPECT_EQ(what.reason, caf::exit_reason::user_shutdown); });
}

TEST_F(Watching, ByLinksThatWereCutEnds) {
  here.self->monitor(seen);
  here.self->link_to(seen);
  here.self->unlink_from(seen);
  end();
  EXPECT_EQ(next().substr(0, 4), "down");
  settle();
  EXPECT_EQ(told(), "nothing") << "no exit";
}

TEST_F(Watching, ByLinksThatTheOtherCutEnds) {
  const auto linked = there.spawn([](caf::event_based_actor* self) -> caf::behavior {
    return {
        [self](caf::link_atom, const caf::actor& to) { return self->link_to(to), 1; },
        [self](caf::unlink_atom, const caf::actor& from) { return self->unlink_from(from), 2; }};
  });
  there.node.publish(linked, "linked");
  const auto far = here.find("linked");
  const auto own = here.spawn(adder);
  EXPECT_EQ(here.ask(far, caf::link_atom::value, own), "1");
  EXPECT_EQ(here.ask(far, caf::unlink_atom::value, own), "2");
  here.self->monitor(far);
  here.self->send_exit(own, caf::exit_reason::kill);
  EXPECT_EQ(here.ask(far, caf::link_atom::value, seen), "1") << "it lives";
  here.self->send_exit(far, caf::exit_reason::user_shutdown);
  EXPECT_EQ(next().substr(0, 4), "down");
}

TEST_F(Watching, OfExitsThatAreSentWithReasonsOfTheProgramsOwn) {
  here.self->monitor(seen);
  here.self->send_exit(seen, make_error(mishap::spilled));
  EXPECT_EQ(next(), "down spilled (\"on the floor\")");
}

TEST_F(Watching, OfAProgramThatLeavesTellsAndFailsWhatIsOpen) {
  auto third = std::make_unique<program>(all);
  const auto holds = third->spawn([](caf::event_based_actor* self) -> caf::behavior {
    return {[self](caf::ok_atom) { return self->make_response_promise<int>(); }};
  });
  third->node.publish(holds, "holds");
  const auto far = here.find("holds");
  here.self->monitor(far);
  here.self->link_to(far);
  auto open = here.self->request(far, caf::infinite, caf::ok_atom::value);
  third->node.close();
  caf::error why;
  open.receive([](int) {}, [&](const caf::error& e) { why = e; });
  EXPECT_EQ(why, caf::exit_reason::remote_link_unreachable);
  EXPECT_NE(next().find("remote_link_unreachable"), std::string::npos);
  EXPECT_NE(next().find("remote_link_unreachable"), std::string::npos);
  EXPECT_NE(here.ask(far, caf::ok_atom::value).find("error"), std::string::npos)
      << "who is gone is not waited for";
  EXPECT_EQ(here.ask(seen, 1, 2), "3") << "the others are there";
}

}  // namespace
}  // namespace fabric::actors
