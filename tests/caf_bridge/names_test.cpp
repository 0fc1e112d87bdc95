#include <gtest/gtest.h>

#include <future>
#include "tests/caf_bridge/cluster.hpp"

/// Actors under names.
namespace fabric::actors {
namespace {

using namespace std::chrono_literals;
using calculator =
    caf::typed_actor<caf::replies_to<int, int>::with<int>, caf::reacts_to<std::string>>;
using half_of_it = caf::typed_actor<caf::replies_to<int, int>::with<int>>;
using greeter = caf::typed_actor<caf::replies_to<std::string>::with<std::string>>;

calculator::behavior_type calculating() {
  return {[](int a, int b) { return a + b; }, [](const std::string&) {}};
}

class Names : public ::testing::Test {
 protected:
  std::string error_of(program& who, const std::string& name) {
    auto found = who.node.lookup(name);
    return found ? "found" : who.system.render(found.error());
  }
  /// Whether the name was to be had.
  static error_kind taken(program& who, const std::string& name) {
    try {
      who.node.publish(who.spawn(adder), name);
    } catch (const usage_error& why) {
      return why.kind();
    }
    return error_kind::usage;
  }

  cluster all;
  program one{all};
  program other{all};
};

TEST_F(Names, OfActorsAreFound) {
  one.node.publish(one.spawn(adder), "adder");
  EXPECT_EQ(other.ask(other.find("adder"), 40, 2), "42");
  EXPECT_EQ(one.ask(one.find("adder"), 40, 2), "42") << "also at home";
  EXPECT_EQ(one.find("adder"), one.spawned.front()) << "where it is the actor itself";
}

TEST_F(Names, AreWaitedFor) {
  auto asked = std::async(std::launch::async, [&] { return other.find("late"); });
  one.node.publish(one.spawn(adder), "late");
  EXPECT_EQ(asked.get()->id(), one.spawned.front()->id());
}

TEST_F(Names, ThatAnotherHoldsAreRefused) {
  one.node.publish(one.spawn(adder), "adder");
  EXPECT_EQ(taken(other, "adder"), error_kind::key_conflict);
  EXPECT_EQ(other.ask(other.find("adder"), 40, 2), "42");
}

TEST_F(Names, ThatWereGivenUpAreNotFoundAndMayBeTaken) {
  one.node.publish(one.spawn(adder), "adder");
  one.node.unpublish("adder");
  EXPECT_NE(error_of(other, "adder").find("NOT_FOUND: nobody holds the name \\\"adder\\\""),
            std::string::npos)
      << error_of(other, "adder");
  other.node.publish(other.spawn(adder), "adder");
  EXPECT_EQ(one.find("adder")->id(), other.spawned.front()->id());
  one.node.unpublish("adder");
  EXPECT_EQ(one.find("adder")->id(), other.spawned.front()->id()) << "it is not ours any more";
}

TEST_F(Names, OfActorsThatEndedMayBeTaken) {
  const auto first = one.spawn(adder);
  one.node.publish(first, "adder");
  const auto there = other.find("adder");
  other.self->monitor(there);
  other.self->send_exit(there, caf::exit_reason::user_shutdown);
  other.self->receive([](const caf::down_msg&) {});
  one.node.publish(one.spawn(adder), "another");  // after what its end has ordered
  EXPECT_NE(error_of(other, "adder").find("NOT_FOUND"), std::string::npos);
  other.node.publish(other.spawn(adder), "adder");
  EXPECT_EQ(one.ask(one.find("adder"), 40, 2), "42");
}

TEST_F(Names, StayWithTheLastActorWhenAnEarlierOneEnds) {
  const auto first = one.spawn(adder);
  const auto second = one.spawn(adder);
  one.node.publish(first, "adder");
  one.node.publish(second, "adder");
  one.self->monitor(first);
  one.self->send_exit(first, caf::exit_reason::kill);
  one.self->receive([](const caf::down_msg&) {});
  one.node.publish(one.spawn(adder), "another");
  EXPECT_EQ(other.find("adder")->id(), second.id());
}

TEST_F(Names, OfOneActorMayBeSeveralAndLieInNamespaces) {
  const auto actor = one.spawn(adder);
  for (const char* space : {"", "blue", "red"})
    one.node.publish(actor, "adder", {.name_space = space});
  one.node.publish(actor, "sum");
  for (const char* space : {"", "blue", "red"})
    EXPECT_TRUE(other.node.lookup("adder", 0s, {.name_space = space})) << space;
  EXPECT_TRUE(other.node.lookup("sum"));
  EXPECT_FALSE(other.node.lookup("sum", 0s, {.name_space = "red"}));
}

TEST_F(Names, OfAnotherProgramsActorsAreForThatProgramToGive) {
  one.node.publish(one.spawn(adder), "adder");
  EXPECT_THROW(other.node.publish(other.find("adder"), "mine"), usage_error);
  EXPECT_THROW(one.node.publish(caf::actor{}, "nobody"), usage_error);
  EXPECT_THROW(one.node.publish(one.spawn(adder), ""), usage_error);
  EXPECT_THROW(one.node.publish(one.spawn(adder), std::string(300, 'x')), usage_error);
}

TEST_F(Names, OfTypedActorsAreFoundAsWhatTheyAre) {
  one.node.publish(one.spawn(calculating), "calculator");
  EXPECT_EQ(other.ask(other.find<calculator>("calculator"), 40, 2), "42");
  EXPECT_EQ(other.ask(other.find<half_of_it>("calculator"), 40, 2), "42") << "a part of it will do";
}

TEST_F(Names, OfActorsOfAnotherTypeAreRefusedWithTheReason) {
  one.node.publish(one.spawn(calculating), "calculator");
  one.node.publish(one.spawn(adder), "adder");
  const auto wrong = other.node.lookup<greeter>("calculator");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error(), caf::sec::unexpected_actor_messaging_interface);
  EXPECT_NE(other.system.render(wrong.error()).find("does not take"), std::string::npos)
      << other.system.render(wrong.error());
  EXPECT_NE(error_of(other, "calculator").find("it is typed"), std::string::npos);
  EXPECT_EQ(other.node.lookup<calculator>("adder").error(),
            caf::sec::unexpected_actor_messaging_interface);
}

TEST_F(Names, EndWithTheirProgram) {
  {
    program third{all};
    third.node.publish(third.spawn(adder), "adder");
    other.self->monitor(other.find("adder"));
  }
  other.self->receive([](const caf::down_msg&) {});
  EXPECT_NE(error_of(other, "adder").find("NOT_FOUND"), std::string::npos);
  one.node.publish(one.spawn(adder), "adder");
  EXPECT_EQ(other.ask(other.find("adder"), 1, 2), "3");
}

TEST_F(Names, AreOutOfReachForWhoHasLeft) {
  one.node.publish(one.spawn(adder), "adder");
  other.node.close();
  EXPECT_NE(error_of(other, "adder").find("CANCELLED"), std::string::npos);
  EXPECT_THROW(other.node.publish(other.spawn(adder), "late"), usage_error);
  other.node.unpublish("adder");
  other.node.close();
  EXPECT_EQ(one.ask(one.find("adder"), 1, 2), "3");
}

}  // namespace
}  // namespace fabric::actors
