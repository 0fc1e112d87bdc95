#include "actors/plots/terminal.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/plots/a_study.hpp"

namespace fabric::plots {
namespace {

a_study falling() {
  a_study s({"x=int(0,9)"});
  for (const double value : {8.0, 6.0, 9.0, 2.0, 7.0, 1.0}) s.add({1}, value);
  return s;
}

TEST(TerminalHistory, DrawsDotsAndTheBestSoFarInAscii) {
  EXPECT_EQ(terminal_history(falling().what(), {.columns = 32, .rows = 5, .utf8 = false}),
            "         9 |----+   .\n"
            "           |    +------+   .\n"
            "           |           |\n"
            "           |           |\n"
            "         1 |           +--------\n"
            "           +--------------------\n"
            "            0      trial       5\n");
}

TEST(TerminalHistory, HasNoInfeasibleTrialForTheBest) {
  auto s = falling();
  for (const auto i : {3U, 5U}) s.rows.at(i).constraints = {-1, 0.5};
  EXPECT_EQ(best_of(judged_trials(s.what()))->value, 6);
  for (auto& row : s.rows) row.constraints = {1};
  EXPECT_FALSE(best_of(judged_trials(s.what())));
  const auto text = terminal_history(s.what(), {.columns = 32, .rows = 5, .utf8 = false});
  EXPECT_EQ(text.substr(0, text.find("+---")).find('-'), std::string::npos) << text;
}

TEST(TerminalHistory, HasColoursOnlyWhereAsked) {
  const auto plain = terminal_history(falling().what(), {});
  EXPECT_EQ(plain.find('\033'), std::string::npos);
  EXPECT_NE(terminal_history(falling().what(), {.colours = true}).find("\033[33m"),
            std::string::npos);
}

TEST(TerminalHistory, DrawsNothingOfFewerThanTwoValues) {
  a_study s({"x=int(0,9)"});
  EXPECT_EQ(terminal_history(s.what(), {}), "");
  s.add({1}, 3);
  s.add({1}, HUGE_VAL);
  s.add({1}, tuner::trial_state::fail);
  EXPECT_EQ(terminal_history(s.what(), {}), "");
}

TEST(TerminalHistory, FitsTheTerminal) {
  a_study s({"x=int(0,9)"});
  for (std::size_t n = 0; n < 5000; ++n) s.add({1}, static_cast<double>(n * n % 1013));
  const auto text = terminal_history(s.what(), {.columns = 60, .rows = 8, .utf8 = false});
  std::size_t begin = 0;
  std::size_t lines = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    EXPECT_LE(end - begin, 60U);
    begin = end + 1;
    ++lines;
  }
  EXPECT_EQ(lines, 10U);
}

}  // namespace
}  // namespace fabric::plots
