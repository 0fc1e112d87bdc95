#include "actors/caf_bridge/ledger.hpp"

#include <gtest/gtest.h>

#include <random>

/// Who is told of which end, and which requests fail with a program.
namespace fabric::actors {
namespace {

const program_id a{1};
const program_id b{2};

TEST(Ledger, TellsEachProgramThatHasAHandleOnce) {
  ledger book;
  EXPECT_TRUE(book.watched(5, a));
  EXPECT_FALSE(book.watched(5, b));
  EXPECT_FALSE(book.watched(5, a));
  EXPECT_EQ(book.ended(5), (std::vector{a, b}));
  EXPECT_TRUE(book.ended(5).empty());
}

TEST(Ledger, TellsNobodyWhoIsGone) {
  ledger book;
  book.watched(5, a);
  book.watched(5, b);
  book.gone(a);
  EXPECT_EQ(book.ended(5), std::vector{b});
}

TEST(Ledger, FailsTheRequestsOfAProgramThatIsGone) {
  ledger book;
  book.asked({5, 1}, a);
  book.asked({5, 2}, b);
  book.asked({6, 1}, a);
  book.answered({6, 1});
  EXPECT_EQ(book.gone(a), (std::vector<ledger::request>{{5, 1}}));
  EXPECT_TRUE(book.gone(a).empty());
  EXPECT_EQ(book.open_requests(), 1U);
}

TEST(Ledger, FailsWhatWasPassedOnWithTheProgramThatHasIt) {
  ledger book;
  book.asked({5, 1}, a);
  book.moved({5, 1}, a, b);
  EXPECT_TRUE(book.gone(a).empty());
  EXPECT_EQ(book.gone(b), (std::vector<ledger::request>{{5, 1}}));
  book.moved({5, 1}, a, b);
  EXPECT_TRUE(book.gone(b).empty()) << "it was answered before its way was known";
}

TEST(Ledger, ForgetsTheOldestRequestOfAnActorThatHasTooMany) {
  ledger book;
  book.asked({6, 1}, a);
  for (std::uint64_t n = 1; n <= ledger::requests_max + 2; ++n) book.asked({5, n}, a);
  EXPECT_EQ(book.open_requests(), ledger::requests_max + 1);
  const auto failed = book.gone(a);
  EXPECT_EQ(failed.size(), ledger::requests_max + 1);
  EXPECT_EQ(failed.front(), (ledger::request{5, 3}));
  EXPECT_EQ(failed.back(), (ledger::request{6, 1}));
}

/// Against the plainest book that can be: lists that are searched.
TEST(Ledger, AgreesWithAPlainerOneWhateverHappens) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 dice(seed);
    ledger book;
    std::set<std::pair<ledger::actor, program_id>> watches;
    std::map<ledger::request, program_id> requests;
    for (int i = 0; i < 2000; ++i) {
      const ledger::actor actor = 1 + dice() % 8;
      const program_id who{1 + dice() % 5};
      const ledger::request what{actor, dice() % 20};
      switch (dice() % 6) {
        case 0: {
          bool is_first = true;
          for (const auto& one : watches) is_first = is_first && one.first != actor;
          ASSERT_EQ(book.watched(actor, who), is_first) << seed;
          watches.insert({actor, who});
          break;
        }
        case 1:
          book.asked(what, who);
          requests[what] = who;
          break;
        case 2:
          book.answered(what);
          requests.erase(what);
          break;
        case 3: {
          const program_id to{1 + dice() % 5};
          book.moved(what, who, to);
          const auto found = requests.find(what);
          if (found != requests.end() && found->second == who) found->second = to;
          break;
        }
        case 4: {
          std::vector<program_id> told;
          for (const auto& one : watches)
            if (one.first == actor) told.push_back(one.second);
          ASSERT_EQ(book.ended(actor), told) << seed;
          std::erase_if(watches, [&](const auto& one) { return one.first == actor; });
          std::erase_if(requests, [&](const auto& one) { return one.first.asker == actor; });
          break;
        }
        default: {
          std::vector<ledger::request> failed;
          for (const auto& [one, at] : requests)
            if (at == who) failed.push_back(one);
          ASSERT_EQ(book.gone(who), failed) << seed;
          std::erase_if(watches, [&](const auto& one) { return one.second == who; });
          std::erase_if(requests, [&](const auto& one) { return one.second == who; });
        }
      }
      ASSERT_EQ(book.open_requests(), requests.size()) << seed;
    }
  }
}

}  // namespace
}  // namespace fabric::actors
