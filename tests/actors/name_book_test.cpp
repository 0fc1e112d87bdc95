#include "actors/gateway/name_book.hpp"

#include <gtest/gtest.h>

/// Which program holds which name.
namespace fabric::actors {
namespace {

using namespace std::chrono_literals;

class NameBook : public ::testing::Test {
 protected:
  static name_book::asker asker(std::uint64_t session) {
    return {session_id{session}, request_id{session * 10}};
  }
  /// "ok PROGRAM TARGET" or the code, for each that is answered.
  static std::vector<std::string> words(const name_book::answers& all) {
    std::vector<std::string> out;
    for (const auto& one : all)
      out.push_back(std::to_string(one.who.session.value) + " " +
                    (one.what
                         ? "ok " + std::to_string(one.what->holder.value) + " " + one.what->target
                         : std::string{name_of(one.what.error().code)}));
    return out;
  }
  using said = std::vector<std::string>;

  const instant t0{100s};
  const name_book::key till{"shop", "till"};
  const program_id a{1}, b{2};
  name_book book{t0};
};

TEST_F(NameBook, ANameIsHeldByTheFirstWhoClaimsIt) {
  EXPECT_EQ(words(book.claim(asker(1), till, {a, "x"}, false, t0)), said{"1 ok 1 x"});
  const auto second = book.claim(asker(2), till, {b, "y"}, false, t0);
  EXPECT_EQ(words(second), said{"2 KEY_CONFLICT"});
  EXPECT_EQ(second[0].what.error().detail,
            "the name \"till\" in the namespace \"shop\" is held by program " + to_string(a));
  EXPECT_EQ(words(book.find(asker(3), till, t0, t0)), said{"3 ok 1 x"});
}

TEST_F(NameBook, TheSameNameInAnotherNamespaceIsAnother) {
  book.claim(asker(1), till, {a, "x"}, false, t0);
  EXPECT_EQ(words(book.claim(asker(2), {"mill", "till"}, {b, "y"}, false, t0)), said{"2 ok 2 y"});
}

TEST_F(NameBook, TheHolderMayGiveItAnotherTarget) {
  book.claim(asker(1), till, {a, "x"}, false, t0);
  EXPECT_EQ(words(book.claim(asker(1), till, {a, "z"}, false, t0)), said{"1 ok 1 z"});
  EXPECT_EQ(words(book.find(asker(3), till, t0, t0)), said{"3 ok 1 z"});
}

TEST_F(NameBook, OnlyTheHolderReleases) {
  book.claim(asker(1), till, {a, "x"}, false, t0);
  book.release(till, b);
  EXPECT_EQ(words(book.find(asker(3), till, t0, t0)), said{"3 ok 1 x"});
  book.release(till, a);
  EXPECT_EQ(words(book.find(asker(3), till, t0, t0)), said{"3 NOT_FOUND"});
}

TEST_F(NameBook, AProgramThatIsGoneHoldsNothing) {
  book.claim(asker(1), till, {a, "x"}, false, t0);
  book.gone(a);
  EXPECT_EQ(words(book.claim(asker(2), till, {b, "y"}, false, t0)), said{"2 ok 2 y"});
}

TEST_F(NameBook, WhoeverWaitsForANameHearsOfItOrThatTheTimeIsOver) {
  EXPECT_TRUE(book.find(asker(3), till, t0 + 5s, t0).empty());
  EXPECT_TRUE(book.find(asker(4), till, t0 + 9s, t0).empty());
  EXPECT_EQ(words(book.due(t0 + 5s)), said{"3 NOT_FOUND"});
  EXPECT_EQ(words(book.claim(asker(1), till, {a, "x"}, false, t0 + 6s)),
            (said{"1 ok 1 x", "4 ok 1 x"}));
  EXPECT_TRUE(book.due(t0 + 10s).empty());
}

TEST_F(NameBook, ASessionThatIsOverHearsNothing) {
  book.find(asker(3), till, t0 + 5s, t0);
  book.forget(session_id{3});
  EXPECT_TRUE(book.due(t0 + 5s).empty());
}

TEST_F(NameBook, AfterARestartThoseWhoHeldNamesComeFirst) {
  name_book fresh{t0 + 10s};
  EXPECT_TRUE(fresh.claim(asker(2), till, {b, "y"}, false, t0).empty());
  EXPECT_TRUE(fresh.due(t0 + 5s).empty());
  EXPECT_EQ(words(fresh.claim(asker(1), till, {a, "x"}, true, t0 + 6s)), said{"1 ok 1 x"});
  EXPECT_EQ(words(fresh.due(t0 + 10s)), said{"2 KEY_CONFLICT"});
}

TEST_F(NameBook, AfterARestartFreshClaimsAreDecidedWhenOthersHadTheirTime) {
  name_book fresh{t0 + 10s};
  fresh.claim(asker(2), till, {b, "y"}, false, t0);
  fresh.find(asker(3), till, t0 + 60s, t0);
  EXPECT_EQ(words(fresh.due(t0 + 10s)), (said{"2 ok 2 y", "3 ok 2 y"}));
}

TEST_F(NameBook, AProgramHoldsABoundedNumberOfNames) {
  for (std::size_t i = 0; i < name_book::names_per_program_max; ++i)
    book.claim(asker(1), {"", std::to_string(i)}, {a, ""}, false, t0);
  EXPECT_EQ(words(book.claim(asker(1), till, {a, "x"}, false, t0)), said{"1 QUOTA"});
  book.release({"", "7"}, a);
  EXPECT_EQ(words(book.claim(asker(1), till, {a, "x"}, false, t0)), said{"1 ok 1 x"});
}

}  // namespace
}  // namespace fabric::actors
