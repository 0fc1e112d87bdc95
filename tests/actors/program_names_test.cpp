#include "actors/program/program_names.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <optional>

/// The names that a program holds over its sessions.
namespace fabric::actors {
namespace {

using namespace std::chrono_literals;

class ProgramNames : public ::testing::Test {
 protected:
  struct question {
    transport::message body;
    program_link::answer done;
  };

  /// The oldest question that the head has not answered.
  question next() {
    EXPECT_FALSE(asked.empty());
    question first = std::move(asked.front());
    asked.pop_front();
    return first;
  }
  void agree(program_id holder = program_id{1}) {
    next().done(transport::message{transport::name_found{.program = holder, .target = "x"}});
  }
  void refuse() { next().done(fault{fault_code::key_conflict, "taken", ""}); }
  void claim(const program_name& which, std::string target) {
    names.claim(which, std::move(target), [this](result<void> how) { claimed = std::move(how); });
  }
  void find(instant until) {
    names.find(name, until, t0,
               [this](result<transport::name_found> who) { found = std::move(who); });
  }

  const program_name name{"space", "adder"};
  const instant t0{100s};
  std::deque<question> asked;
  std::vector<program_name> lost;
  std::optional<result<void>> claimed;
  std::optional<result<transport::name_found>> found;
  program_names names{[this](transport::message body, program_link::answer done) {
                        asked.push_back({std::move(body), std::move(done)});
                      },
                      [this](const program_name& which, const fault&) { lost.push_back(which); }};
};

TEST_F(ProgramNames, AreHeldOnceTheHeadAgrees) {
  claim(name, "target");
  const auto& body = std::get<transport::name_claim>(asked.front().body);
  EXPECT_EQ(body.name_space, "space");
  EXPECT_EQ(body.name, "adder");
  EXPECT_EQ(body.target, "target");
  EXPECT_FALSE(body.is_again);
  EXPECT_FALSE(names.holds(name));
  agree();
  EXPECT_TRUE(claimed.value().has_value());
  EXPECT_TRUE(names.holds(name));
}

TEST_F(ProgramNames, AreNotHeldWhereAnotherHasThem) {
  claim(name, "target");
  refuse();
  EXPECT_EQ(claimed.value().error().code, fault_code::key_conflict);
  EXPECT_FALSE(names.holds(name));
  names.opened();
  EXPECT_TRUE(asked.empty());
}

TEST_F(ProgramNames, AreClaimedAgainInEachSessionWithTheLatestTarget) {
  claim(name, "one");
  agree();
  claim(name, "two");
  agree();
  names.opened();
  const auto& body = std::get<transport::name_claim>(asked.front().body);
  EXPECT_TRUE(body.is_again);
  EXPECT_EQ(body.target, "two");
  agree();
  EXPECT_TRUE(names.holds(name));
  EXPECT_TRUE(lost.empty());
}

TEST_F(ProgramNames, KeepTheirTargetWhereANewOneIsRefused) {
  claim(name, "one");
  agree();
  claim(name, "far too long");
  next().done(fault{fault_code::too_large, "at most 4096 bytes", ""});
  EXPECT_EQ(claimed.value().error().code, fault_code::too_large);
  names.opened();
  EXPECT_EQ(std::get<transport::name_claim>(next().body).target, "one");
}

TEST_F(ProgramNames, AreNotClaimedTwiceAtOnce) {
  claim(name, "one");
  names.opened();
  EXPECT_EQ(asked.size(), 1U) << "the link repeats it";
  agree();
  names.opened();
  names.opened();
  EXPECT_EQ(asked.size(), 1U);
}

TEST_F(ProgramNames, ThatAnotherTookMeanwhileAreTold) {
  claim(name, "one");
  agree();
  names.opened();
  refuse();
  EXPECT_EQ(lost, std::vector{name});
  EXPECT_FALSE(names.holds(name));
}

TEST_F(ProgramNames, ThatWereReleasedAreNotClaimedAgain) {
  claim(name, "one");
  agree();
  names.release(name);
  EXPECT_TRUE(std::holds_alternative<transport::name_release>(next().body));
  EXPECT_FALSE(names.holds(name));
  names.opened();
  names.release(name);
  EXPECT_TRUE(asked.empty());
}

TEST_F(ProgramNames, MayBeAnothersWhenTheHeadHasHeardThatTheyWereReleased) {
  int told = 0;
  claim(name, "one");
  agree();
  names.release(name, [&] { ++told; });
  EXPECT_EQ(told, 0);
  agree();
  EXPECT_EQ(told, 1);
  names.release(name, [&] { ++told; });
  EXPECT_EQ(told, 2) << "it is not held";
}

TEST_F(ProgramNames, ThatWereReleasedBeforeTheHeadAgreedAreNotHeld) {
  claim(name, "one");
  names.release(name);
  agree();
  EXPECT_EQ(claimed.value().error().code, fault_code::cancelled);
  EXPECT_FALSE(names.holds(name));
}

TEST_F(ProgramNames, OfOthersAreFound) {
  find(t0 + 5s);
  EXPECT_EQ(std::get<transport::name_find>(asked.front().body).wait, duration{5s});
  agree(program_id{7});
  EXPECT_EQ(found.value()->program, program_id{7});
  EXPECT_EQ(found.value()->target, "x");
  EXPECT_EQ(names.turn(t0), never);
}

TEST_F(ProgramNames, AreNotWaitedForWhereNoHeadAnswers) {
  find(t0 + 5s);
  const instant due = t0 + 5s + program_names::answer_grace;
  EXPECT_EQ(names.turn(t0), due);
  EXPECT_FALSE(found.has_value());
  EXPECT_EQ(names.turn(due), never);
  EXPECT_EQ(found.value().error().code, fault_code::timed_out);
  found.reset();
  agree();
  EXPECT_FALSE(found.has_value()) << "answered twice";
}

}  // namespace
}  // namespace fabric::actors
