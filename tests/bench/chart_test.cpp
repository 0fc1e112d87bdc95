#include "bench/harness/chart.hpp"

#include <gmock/gmock.h>

namespace fabric::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

measurement a_figure(const std::string& name, double value, double floor) {
  return {.case_name = "calls",
          .figure = name,
          .unit = "calls/s",
          .value = value,
          .floor = floor,
          .floor_name = "the bare library",
          .ratio = value / floor};
}

std::size_t count(const std::string& what, const std::string& in) {
  std::size_t found = 0;
  for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++found;
  return found;
}

TEST(Chart, NamesEachFigureItsValueAndItsFloor) {
  const auto text = chart_of({a_figure("one at a time", 1234, 5678)}, "a quiet machine");
  EXPECT_THAT(text, HasSubstr("one at a time"));
  EXPECT_THAT(text, HasSubstr("1,234 calls/s"));
  EXPECT_THAT(text, HasSubstr("5,678: the bare library"));
  EXPECT_THAT(text, HasSubstr("a quiet machine"));
}

TEST(Chart, EscapesWhatMeansSomethingInXml) {
  const auto text = chart_of({a_figure("a < b & c > d", 1, 1)}, "<&>");
  EXPECT_THAT(text, HasSubstr("a &lt; b &amp; c &gt; d"));
  EXPECT_THAT(text, HasSubstr("&lt;&amp;&gt;"));
}

TEST(Chart, HasColoursForLightAndDark) {
  EXPECT_THAT(chart_of({}, ""), HasSubstr("@media (prefers-color-scheme:dark)"));
}

TEST(Chart, MarksAimsThatAreMetAndThoseThatAreMissed) {
  auto met = a_figure("good", 90, 100);
  met.wanted = aim{aim::measure::ratio, aim::side::at_least, 0.8};
  auto missed = met;
  missed.ratio = 0.5;
  EXPECT_THAT(chart_of({met}, ""), HasSubstr("class=\"end met\""));
  EXPECT_THAT(chart_of({met}, ""), Not(HasSubstr("class=\"end missed\"")));
  EXPECT_THAT(chart_of({missed}, ""), HasSubstr("class=\"end missed\""));
  EXPECT_EQ(count("<line class=\"aim\"", chart_of({met}, "")), 2U) << "one of them in the key";
}

TEST(Chart, DrawsALongerBarForWhatIsFurtherFromItsFloor) {
  const auto width_of_bar = [](const std::string& text) {
    const auto key = text.find("<rect class=\"ours\"");
    const auto bar = text.find("<rect class=\"ours\"", key + 1);
    const auto width = text.find("width=\"", bar) + 7;
    return std::stod(text.substr(width));
  };
  auto slow = a_figure("slow", 100, 10);
  slow.unit = "us";
  auto slower = a_figure("slower", 1000, 10);
  slower.unit = "us";
  EXPECT_NEAR(width_of_bar(chart_of({slower}, "")) / width_of_bar(chart_of({slow, slower}, "")), 2,
              0.1);
}

TEST(Chart, DrawsACurveForPointsAndNoBar) {
  std::vector<measurement> points;
  for (const double clients : {1.0, 2.0, 4.0}) {
    points.push_back(a_figure("with clients", 100 * clients, 1000));
    points.back().point = curve_point{"all clients", "clients", clients};
  }
  const auto text = chart_of(points, "");
  EXPECT_EQ(count("<polyline", text), 2U) << "ours and the floor";
  EXPECT_THAT(text, HasSubstr("calls: all clients, calls/s"));
  EXPECT_EQ(count("<rect class=\"ours\"", text), 1U) << "of the key";
}

TEST(Chart, LeavesOutBarsOfFiguresWithoutAFloor) {
  measurement m{.case_name = "daemon", .figure = "memory", .unit = "MB", .value = 20};
  const auto text = chart_of({m}, "");
  EXPECT_THAT(text, HasSubstr("20.00 MB"));
  EXPECT_EQ(count("<rect class=\"ours\"", text), 1U) << "of the key";
}

}  // namespace
}  // namespace fabric::bench
