#include "actors/plots/plots.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "actors/plots/documents.hpp"
#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/samplers/stretch.hpp"
#include "tests/plots/a_study.hpp"

namespace fabric::plots {
namespace {

using testing::HasSubstr;
using testing::Not;
using tuner::trial_state;

std::size_t count(std::string_view what, std::string_view in) {
  std::size_t found = 0;
  for (auto at = in.find(what); at != std::string_view::npos; at = in.find(what, at + 1)) ++found;
  return found;
}

/// Every kind of parameter, every state, some that lack a parameter, reports, two nodes.
a_study of_all_sorts(std::size_t trials) {
  a_study s({"lr=float(1e-5,0.1,log)", "layers=int(1,8)", "opt=choice(adam,sgd,'a b')",
             "drop=float(0,0.9,step=0.1)", "momentum=float(0,1)"});
  tuner::draws from(7, 0);
  for (std::size_t n = 0; n < trials; ++n) {
    tuner::point where;
    for (const auto& p : s.over.parameters()) where.push_back(stretched(p, from.unit()));
    if (where[2] != 1) where[4] = tuner::inactive;
    const double lr = cell_of(s.over.parameters()[0], where[0]).middle;
    auto& row = s.add(std::move(where), (lr - 0.6) * (lr - 0.6) + 0.02 * from.unit());
    row.node = n % 2 == 0 ? "box" : "laptop";
    row.complete_ms += static_cast<std::int64_t>(from.below(4000));
    for (std::int64_t step = 0; step < 5; ++step)
      row.reports.push_back({step, row.values.front() + 1.0 / static_cast<double>(step + 1)});
    if (n % 7 == 3) row.state = trial_state::pruned;
    if (n % 11 == 5) {
      row.state = trial_state::fail;
      row.values.clear();
    }
    if (n % 13 == 1) row.attempt = 2;
    if (n + 1 == trials) {
      row.state = trial_state::running;
      row.values.clear();
      row.complete_ms = 0;
    }
  }
  return s;
}

TEST(Plots, AreTheSameForTheSameStudyAsEver) {
  const auto s = of_all_sorts(15);
  auto which = kinds_for(s.what());
  std::erase_if(which,
                [](const kind& one) { return one.name == "contour"; });  // thousands of lines
  const auto now = sheet_of(s.what(), which);
  const std::string path = GOLDEN_FOLDER "/sheet.svg";
  if (std::getenv("FABRIC_REWRITE_GOLDEN") != nullptr) std::ofstream(path) << now;
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(now, golden.str()) << "FABRIC_REWRITE_GOLDEN=1 writes it anew: look at it";
}

TEST(Plots, SayWhyThereIsNothingToDraw) {
  const a_study s({"x=int(0,9)", "y=int(0,9)"});
  for (const auto& one : kinds)
    EXPECT_THAT(
        one.draw(s.what()).shapes,
        HasSubstr(one.name == "pareto" ? "a front is drawn of two objectives; the study has 1"
                                       : "the study has no trial yet"))
        << one.name;

  a_study failed({"x=int(0,9)", "y=int(0,9)"});
  failed.add({1, 1}, trial_state::fail);
  for (const auto* name : {"history", "importance", "slice", "contour", "parallel"})
    EXPECT_THAT(kind_named(name)->draw(failed.what()).shapes,
                HasSubstr("none of its 1 trial is complete"))
        << name;
  EXPECT_THAT(draw_intermediate(failed.what()).shapes, HasSubstr("no trial has reported"));

  a_study bare({});
  bare.add({}, 1);
  for (const auto* name : {"importance", "slice", "parallel"})
    EXPECT_THAT(kind_named(name)->draw(bare.what()).shapes, HasSubstr("has no parameter")) << name;

  a_study single({"x=int(0,9)"});
  single.add({1}, 1);
  EXPECT_THAT(draw_contour(single.what()).shapes,
              HasSubstr("over two parameters; the study has 1"));
  EXPECT_THAT(draw_importances(single.what()).shapes, HasSubstr("too few"));
}

TEST(Plots, DoNotRunWhatNamesSay) {
  const std::string evil = "</title><script>alert('1')</script>\"&\x01";
  a_study s({R"(o=choice('<script>alert(1)</script>',"]]>"))", "x=int(0,9)"});
  for (std::size_t n = 0; n < 20; ++n) {
    s.add({n % 2, n % 10}, static_cast<double>(n % 10)).node = evil;
    s.rows.back().reports = {{0, 1.0}, {1, 0.5}};
  }
  auto what = s.what();
  what.name = evil;
  for (const auto& text : {page_of(what, kinds), sheet_of(what, kinds)}) {
    EXPECT_THAT(text, Not(HasSubstr("<script")));
    EXPECT_THAT(text, Not(HasSubstr("'1'")));
    EXPECT_THAT(text, Not(HasSubstr("\x01")));
    EXPECT_THAT(text, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"));
  }
  EXPECT_THAT(page_of(what, kinds), HasSubstr("default-src 'none'"));
}

TEST(Plots, NeedNothingFromElsewhere) {
  const auto s = of_all_sorts(30);
  for (const auto& text : {page_of(s.what(), kinds), sheet_of(s.what(), kinds)}) {
    EXPECT_THAT(text, Not(HasSubstr("href")));
    EXPECT_THAT(text, Not(HasSubstr("src=")));
    EXPECT_THAT(text, Not(HasSubstr("url(")));
    EXPECT_EQ(count("://", text), count("http://www.w3.org/2000/svg", text));
    EXPECT_THAT(text, HasSubstr("@media (prefers-color-scheme:dark)"));
  }
}

TEST(Plots, OfAHundredThousandTrialsAreStillSmallAndSayWhatIsLeftOut) {
  auto s = of_all_sorts(100'000);
  const auto page = page_of(s.what(), kinds_for(s.what()));
  EXPECT_LT(page.size(), 8'000'000U);
  EXPECT_THAT(draw_history(s.what()).shapes, HasSubstr("that lie under others are left out"));
  EXPECT_THAT(draw_slices(s.what()).shapes, HasSubstr("that lie under others are left out"));
  EXPECT_THAT(draw_parallel(s.what()).shapes, HasSubstr("the best 100 of "));
  EXPECT_THAT(draw_intermediate(s.what()).shapes, HasSubstr("200 of 100000 trials"));
}

TEST(Plots, OfManyParametersShowTheMostImportantAndSaySo) {
  std::vector<tuner::parameter> parameters;
  for (int i = 0; i < 200; ++i)
    parameters.push_back(tuner::parse_parameter("p" + std::to_string(i) + "=float(0,1)").value());
  a_study s({});
  s.over = tuner::space::make(parameters).value();
  tuner::draws from(1, 0);
  for (int n = 0; n < 50; ++n) {
    tuner::point where;
    for (const auto& p : parameters) where.push_back(stretched(p, from.unit()));
    s.add(where, std::bit_cast<double>(where[150]));
  }
  for (const auto* name : {"slice", "parallel"}) {
    const auto shapes = kind_named(name)->draw(s.what()).shapes;
    EXPECT_THAT(shapes, HasSubstr("most important parameters of 200")) << name;
    EXPECT_THAT(shapes, HasSubstr(">p150<")) << name;
  }
  EXPECT_THAT(draw_importances(s.what()).shapes, HasSubstr("180 parameters with"));
}

TEST(Importances, LeaveOutWhatViolatesAConstraint) {
  a_study with{"x=int(0,99)", "y=int(0,99)"};
  a_study without{"x=int(0,99)", "y=int(0,99)"};
  for (tuner::coordinate i = 0; i < 100; ++i) {
    with.add({i, i * 37 % 100}, static_cast<double>(i));
    without.add({i, i * 37 % 100}, static_cast<double>(i));
    with.add({i * 37 % 100, i}, -1000.0 + static_cast<double>(i)).constraints = {1};
  }
  EXPECT_EQ(importances_of(with.what()).value(), importances_of(without.what()).value());
}

TEST(Importances, SayThatNoTrialIsFeasible) {
  a_study s{"x=int(0,99)", "y=int(0,99)"};
  for (tuner::coordinate i = 0; i < 30; ++i)
    s.add({i, i * 37 % 100}, static_cast<double>(i)).constraints = {1};
  EXPECT_EQ(importances_of(s.what()).error().detail,
            "none of 30 complete trials is feasible: each violates a constraint");
  s.rows[4].constraints = {0};
  EXPECT_EQ(importances_of(s.what()).error().detail,
            "only 1 of 30 complete trials is feasible: the others violate a constraint");
}

TEST(History, DrawsEachCompleteTrialAndTheBestSoFar) {
  a_study s({"x=int(0,9)"});
  for (const double value : {5.0, 3.0, 4.0, 1.0}) s.add({1}, value);
  s.add({2}, trial_state::fail);
  const auto shapes = draw_history(s.what()).shapes;
  EXPECT_EQ(count("<circle class=\"complete dot\"", shapes), 5U) << "one of them in the key";
  EXPECT_THAT(shapes, HasSubstr("trial 3: 1 at x=1"));
  EXPECT_THAT(shapes, HasSubstr("1 fail"));
  // Two steps: a start, and two points for each of 3 and 1; then to the end.
  const auto line = shapes.substr(shapes.rfind("<polyline class=\"best\""));
  EXPECT_EQ(count(",", line.substr(0, line.find("/>"))), 6U);
}

TEST(History, FollowsTheDirection) {
  a_study s({"x=int(0,9)"});
  s.towards = {tuner::direction::maximize};
  for (const double value : {1.0, 2.0}) s.add({1}, value);
  const auto up = draw_history(s.what()).shapes;
  s.towards = {tuner::direction::minimize};
  EXPECT_NE(up, draw_history(s.what()).shapes);
}

TEST(History, CountsInfiniteValuesAndDrawsTheOthers) {
  a_study s({"x=int(0,9)"});
  s.add({1}, HUGE_VAL);
  s.add({1}, 2);
  s.add({1}, -HUGE_VAL);
  EXPECT_THAT(draw_history(s.what()).shapes, HasSubstr("2 infinite values are left out"));
  s.rows.erase(s.rows.begin() + 1);
  EXPECT_THAT(draw_history(s.what()).shapes, HasSubstr("all its values are infinite"));
  for (const auto& one : kinds) EXPECT_THAT(one.draw(s.what()).shapes, Not(HasSubstr("nan")));
  for (const auto& one : kinds) EXPECT_THAT(one.draw(s.what()).shapes, Not(HasSubstr("inf\"")));
}

TEST(Parallel, ShowsThatATrialLacksAParameter) {
  auto s = of_all_sorts(20);
  EXPECT_THAT(draw_parallel(s.what()).shapes, HasSubstr("the trial has no such parameter"));
  for (auto& row : s.rows) row.where[4] = std::bit_cast<tuner::coordinate>(0.5);
  EXPECT_THAT(draw_parallel(s.what()).shapes, Not(HasSubstr("the trial has no such parameter")));
}

TEST(Timeline, PutsRunsThatOverlapSideBySideAndOthersBehindEachOther) {
  a_study s({"x=int(0,9)"});
  for (std::size_t n = 0; n < 3; ++n) s.add({n}, 1);
  const auto height = [&] { return draw_timeline(s.what()).height; };
  const double in_one_lane = height();
  s.rows[0].complete_ms += 500;  // while trial 1 runs
  EXPECT_GT(height(), in_one_lane);
}

TEST(Timeline, NamesNodesAndAttempts) {
  a_study s({"x=int(0,9)"});
  s.add({1}, 1).attempt = 3;
  s.add({2}, 1).node = "";
  s.add({3}, 1).node = "";
  s.rows.back().user_attrs["HOST"] = R"({"host": "of optuna"})";
  const auto shapes = draw_timeline(s.what()).shapes;
  for (const auto* text : {">box<", ">#3<", "(node not known)", ">of optuna<", "attempt 3"})
    EXPECT_THAT(shapes, HasSubstr(text));
}

TEST(Timeline, LetsARunningTrialLastUntilTheLatestTimeKnown) {
  a_study s({"x=int(0,9)"});
  s.add({1}, trial_state::running).complete_ms = 0;
  s.add({2}, 1).node = "other";
  EXPECT_THAT(draw_timeline(s.what()).shapes, HasSubstr("trial 0 RUNNING at x=1, 2 s"));
}

TEST(Intermediate, MarksWhereTrialsWerePruned) {
  auto s = of_all_sorts(20);
  const auto shapes = draw_intermediate(s.what()).shapes;
  EXPECT_EQ(count("class=\"ring pruned\"", shapes), 3U + 1U) << "one of them in the key";
}

TEST(Contour, IsOverTheMostImportantParameters) {
  const auto s = of_all_sorts(200);
  const auto shapes = draw_contour(s.what()).shapes;
  EXPECT_THAT(shapes, HasSubstr("lr (log)"));
  EXPECT_GT(count("shades g", shapes), 200U);
}

TEST(Contour, MarksTheBestThatMayBeIt) {
  a_study s{"x=int(0,9)", "y=int(0,9)"};
  s.add({1, 2}, -HUGE_VAL);
  s.add({3, 4}, 1).constraints = {1};
  s.add({5, 6}, 2);
  EXPECT_THAT(draw_contour(s.what()).shapes, HasSubstr(">trial 2<"));
  s.rows[2].constraints = {1};
  EXPECT_THAT(draw_contour(s.what()).shapes, Not(HasSubstr("best of these")));
}

}  // namespace
}  // namespace fabric::plots
