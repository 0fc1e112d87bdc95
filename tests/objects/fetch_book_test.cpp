#include "scheduler/objects/fetch_book.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace fabric::objects {
namespace {

using namespace fetch_command;

constexpr program_id home{1};
constexpr program_id lender{2};
constexpr object_id big{7, 7};
constexpr object_id other_one{8, 8};
constexpr fetch_rules small{.part_bytes = 10, .parts_each = 2, .parts_max = 3, .fetches_max = 2};

using commands = fetch_book::commands;

template <class T>
std::vector<T> all_of(const commands& from) {
  std::vector<T> found;
  for (const auto& each : from)
    if (const auto* one = std::get_if<T>(&each)) found.push_back(*one);
  return found;
}

TEST(FetchBook, AsksForAWindowOfPartsAndForTheNextAsEachComes) {
  fetch_book book{small};
  commands out;
  book.fetch(big, 35, {home}, out);
  EXPECT_EQ(out, (commands{begin{big, 35}, ask{home, big, 0, 10}, ask{home, big, 10, 10}}));
  out.clear();
  EXPECT_TRUE(book.is_wanted(home, big, 10, 10));
  EXPECT_FALSE(book.is_wanted(home, big, 10, 9)) << "it has something else under this name";
  EXPECT_FALSE(book.is_wanted(home, big, 5, 10));
  EXPECT_TRUE(book.came(home, big, 10, 10, out));
  EXPECT_FALSE(book.is_wanted(home, big, 10, 10)) << "it has come";
  EXPECT_EQ(out, (commands{ask{home, big, 20, 10}}));
  out.clear();
  EXPECT_TRUE(book.came(home, big, 0, 10, out));
  EXPECT_EQ(out, (commands{ask{home, big, 30, 5}}));
  out.clear();
  EXPECT_TRUE(book.came(home, big, 30, 5, out));
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(book.came(home, big, 20, 10, out));
  EXPECT_EQ(out, (commands{finish{big}}));
  EXPECT_EQ(book.size(), 0U);
}

TEST(FetchBook, SharesTheWindowOfAllBetweenObjects) {
  fetch_book book{small};
  commands out;
  book.fetch(big, 100, {home}, out);
  book.fetch(other_one, 100, {lender}, out);
  EXPECT_EQ(all_of<ask>(out).size(), 3U);
  EXPECT_EQ(book.parts_under_way(), 3U);
  out.clear();
  EXPECT_TRUE(book.came(home, big, 0, 10, out));
  EXPECT_EQ(book.parts_under_way(), 3U);
}

TEST(FetchBook, LetsObjectsWaitWhereManyAreUnderWay) {
  fetch_book book{small};
  commands out;
  for (std::uint64_t i = 0; i < 3; ++i) book.fetch({i, i}, 10, {home}, out);
  EXPECT_EQ(all_of<begin>(out).size(), 2U);
  out.clear();
  EXPECT_TRUE(book.came(home, {0, 0}, 0, 10, out));
  EXPECT_EQ(out, (commands{finish{{0, 0}}, begin{{2, 2}, 10}, ask{home, {2, 2}, 0, 10}}));
}

TEST(FetchBook, AsksTheNextForWhatTheFirstDidNotSend) {
  fetch_book book{small};
  commands out;
  book.fetch(big, 30, {home, lender}, out);
  EXPECT_TRUE(book.came(home, big, 0, 10, out));
  out.clear();
  book.refused(home, big, out);
  EXPECT_EQ(out, (commands{ask{lender, big, 10, 10}, ask{lender, big, 20, 10}}));
  out.clear();
  EXPECT_FALSE(book.is_wanted(home, big, 10, 10));
  EXPECT_FALSE(book.came(home, big, 10, 10, out)) << "it is asked of another";
  book.refused(home, big, out);
  EXPECT_TRUE(out.empty());
  book.gone(lender, out);
  EXPECT_EQ(out, (commands{give_up{big}}));
}

TEST(FetchBook, GivesUpWhereNobodyHasIt) {
  fetch_book book{small};
  commands out;
  book.fetch(big, 30, {}, out);
  EXPECT_EQ(out, (commands{give_up{big}}));
  out.clear();
  book.fetch(big, 30, {home}, out);
  book.gone(home, out);
  EXPECT_EQ(all_of<give_up>(out).size(), 1U);
  EXPECT_EQ(book.parts_under_way(), 0U);
}

TEST(FetchBook, TakesAPartOfAnotherLengthForARefusal) {
  fetch_book book{small};
  commands out;
  book.fetch(big, 30, {home}, out);
  out.clear();
  EXPECT_FALSE(book.came(home, big, 0, 9, out));
  EXPECT_EQ(out, (commands{give_up{big}}));
}

TEST(FetchBook, FetchesNothingTwiceAtATime) {
  fetch_book book{small};
  commands out;
  book.fetch(big, 30, {home}, out);
  const auto said = out.size();
  book.fetch(big, 30, {home}, out);
  EXPECT_EQ(out.size(), said);
}

TEST(FetchBook, EndsWhatHasNoRoomAndWhatIsEmpty) {
  fetch_book book{small};
  commands out;
  book.fetch(big, 0, {home}, out);
  EXPECT_EQ(out, (commands{begin{big, 0}, finish{big}}));
  out.clear();
  book.fetch(big, 30, {home}, out);
  out.clear();
  book.room_refused(big, out);
  EXPECT_EQ(out, (commands{give_up{big}}));
  EXPECT_EQ(book.parts_under_way(), 0U);
}

TEST(FetchBook, GivesUpAllAtOnce) {
  fetch_book book{small};
  commands out;
  for (std::uint64_t i = 0; i < 4; ++i) book.fetch({i, i}, 10, {home}, out);
  out.clear();
  book.give_up_all(out);
  EXPECT_EQ(all_of<give_up>(out).size(), 4U);
  EXPECT_EQ(book.size(), 0U);
}

/// Sources that refuse, vanish and answer in any order: every byte comes once, or the fetch is
/// given up once.
TEST(FetchBook, EndsEachFetchOnceWhateverSourcesDo) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random{seed};
    fetch_book book{small};
    std::map<object_id, std::set<std::uint64_t>> written;
    std::map<object_id, std::uint64_t> sizes;
    std::vector<ask> asked;
    std::size_t ended = 0;
    const auto obey = [&](const commands& out) {
      for (const auto& each : out) {
        if (const auto* a = std::get_if<ask>(&each)) asked.push_back(*a);
        if (const auto* f = std::get_if<finish>(&each)) {
          ++ended;
          ASSERT_EQ(written[f->what].size(), (sizes[f->what] + 9) / 10) << "seed " << seed;
        }
        if (std::holds_alternative<give_up>(each)) ++ended;
      }
      ASSERT_LE(book.parts_under_way(), small.parts_max);
    };
    for (std::uint64_t i = 1; i <= 6; ++i) {
      commands out;
      sizes[{i, i}] = random() % 200;
      book.fetch({i, i}, sizes[{i, i}], {program_id{1 + random() % 3}, program_id{4}}, out);
      obey(out);
    }
    while (!asked.empty()) {
      const auto at = asked.begin() + static_cast<std::ptrdiff_t>(random() % asked.size());
      const auto one = *at;
      asked.erase(at);
      commands out;
      const auto chance = random() % 20;
      if (chance == 0) {
        book.refused(one.from, one.what, out);
      } else if (chance == 1) {
        book.gone(one.from, out);
      } else if (book.came(one.from, one.what, one.offset, one.bytes, out)) {
        ASSERT_TRUE(written[one.what].insert(one.offset).second) << "seed " << seed;
      }
      obey(out);
    }
    ASSERT_EQ(ended, 6U) << "seed " << seed;
    ASSERT_EQ(book.size(), 0U);
  }
}

}  // namespace
}  // namespace fabric::objects
