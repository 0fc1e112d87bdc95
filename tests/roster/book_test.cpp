#include "scheduler/actors/book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fabric::roster {
namespace {

using namespace std::chrono_literals;
using std::get_if;

class Roster : public testing::Test {
 protected:
  std::vector<command_type> step(const event_type& what) {
    std::vector<command_type> out;
    book_.step(what, now_, out);
    EXPECT_EQ(book_.broken_invariant(), "");
    return out;
  }
  template <class C>
  static std::vector<C> all_of(const std::vector<command_type>& from) {
    std::vector<C> some;
    for (const auto& c : from)
      if (const auto* one = get_if<C>(&c)) some.push_back(*one);
    return some;
  }
  /// A host, and actors 1 to n alive on it.
  void populate(std::uint64_t n, group_id group = {}, restart_rules rules = {}) {
    step(event::host_ready{here, {}});
    for (std::uint64_t i = 1; i <= n; ++i) {
      step(event::spawned{actor_id{i}, {}, group, rules});
      step(event::made{here, actor_id{i}, 1});
    }
  }
  std::vector<command_type> fail(std::uint64_t actor) {
    const actor_id id{actor};
    return step(event::ended{here, id, book_.life_of(id), event::how_ended::failed});
  }

  static constexpr host_id here{7};
  book book_;
  instant now_{};
};

TEST_F(Roster, AnActorIsMadeWhenThereIsAHost) {
  const auto first = step(event::spawned{actor_id{1}, {}, {}, {}});
  ASSERT_EQ(all_of<command::want>(first).size(), 1U);
  EXPECT_EQ(all_of<command::make>(first).size(), 0U);
  EXPECT_EQ(all_of<command::make>(step(event::host_ready{here, {}})).size(), 1U);
  EXPECT_EQ(all_of<command::alive>(step(event::made{here, actor_id{1}, 1})).size(), 1U);
}

TEST_F(Roster, OneThatNeedsAHostOfItsOwnLeavesItBehind) {
  const pool_id own{3};
  step(event::spawned{actor_id{1}, own, {}, {}});
  step(event::host_ready{here, own});
  step(event::made{here, actor_id{1}, 1});
  const auto killed = step(event::kill_requested{actor_id{1}});
  ASSERT_EQ(all_of<command::gone>(killed).size(), 1U);
  EXPECT_EQ(all_of<command::want>(killed).at(0).hosts, 0U);
  const auto ended = step(event::ended{here, actor_id{1}, 1, event::how_ended::told});
  ASSERT_EQ(all_of<command::release>(ended).size(), 1U);
  EXPECT_TRUE(all_of<command::release>(ended)[0].by_force);
}

TEST_F(Roster, RestartsAsOftenAsItsRulesAllowWithinTheTime) {
  populate(1, {}, {2, 10s});
  for (incarnation life = 1; life <= 2; ++life) {
    const auto again = fail(1);
    ASSERT_EQ(all_of<command::make>(again).size(), 1U);
    EXPECT_EQ(all_of<command::make>(again)[0].life, life + 1);
    step(event::made{here, actor_id{1}, life + 1});
  }
  now_ += 11s;
  EXPECT_EQ(all_of<command::make>(fail(1)).size(), 1U);
  step(event::made{here, actor_id{1}, 4});
  fail(1);
  step(event::made{here, actor_id{1}, 5});
  const auto over = all_of<command::gone>(fail(1));
  ASSERT_EQ(over.size(), 1U);
  EXPECT_EQ(over[0].why, reason::restart_limit);
  EXPECT_EQ(over[0].restarts, 4U);
}

TEST_F(Roster, ALostHostIsOneFailureOfAGroup) {
  step(event::group_made{group_id{1}, strategy::one_for_all, {1, 10s}});
  populate(3, group_id{1});
  const auto lost = step(event::host_lost{here});
  EXPECT_EQ(all_of<command::down>(lost).size(), 3U);
  EXPECT_EQ(all_of<command::gone>(lost).size(), 0U);
}

TEST_F(Roster, OneForAllMakesAllAnewInTheirOrderWhenAllHaveEnded) {
  step(event::group_made{group_id{1}, strategy::one_for_all, {5, 10s}});
  populate(3, group_id{1});
  const auto fallen = fail(2);
  EXPECT_EQ(all_of<command::end>(fallen).size(), 2U);
  EXPECT_EQ(all_of<command::make>(fallen).size(), 0U);
  EXPECT_EQ(all_of<command::make>(step(event::ended{here, actor_id{1}, 1, event::how_ended::told}))
                .size(),
            0U);
  auto made =
      all_of<command::make>(step(event::ended{here, actor_id{3}, 1, event::how_ended::told}));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].actor, actor_id{i});
    made = all_of<command::make>(step(event::made{here, actor_id{i}, 2}));
  }
}

TEST_F(Roster, RestForOneSparesThoseBefore) {
  step(event::group_made{group_id{1}, strategy::rest_for_one, {5, 10s}});
  populate(3, group_id{1});
  const auto ends = all_of<command::end>(fail(2));
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].actor, actor_id{3});
  EXPECT_EQ(book_.state_of(actor_id{1}), actor_state::alive);
}

TEST_F(Roster, AGroupThatFailsTooOftenIsGivenUpWithAllItsMembers) {
  step(event::group_made{group_id{1}, strategy::one_for_one, {1, 10s}});
  populate(2, group_id{1});
  fail(1);
  step(event::made{here, actor_id{1}, 2});
  const auto over = all_of<command::gone>(fail(1));
  ASSERT_EQ(over.size(), 2U);
  EXPECT_EQ(over[0].why, reason::restart_limit);
  EXPECT_EQ(over[1].why, reason::restart_limit);
}

TEST_F(Roster, AConstructorThatThrowsAtFirstIsNotTriedAgain) {
  step(event::host_ready{here, {}});
  step(event::spawned{actor_id{1}, {}, {}, {5, 10s}});
  const auto gone = all_of<command::gone>(step(event::not_made{here, actor_id{1}, 1}));
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].why, reason::not_made);
}

TEST_F(Roster, WhatNoHostCanHaveIsSaidToBeInfeasible) {
  step(event::spawned{actor_id{1}, pool_id{9}, {}, {}});
  const auto gone = all_of<command::gone>(step(event::pool_refused{pool_id{9}}));
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].why, reason::infeasible);
}

}  // namespace
}  // namespace fabric::roster
