#include "actors/daemon/reported_lines.hpp"

#include <gmock/gmock.h>

namespace fabric::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> cut(const std::vector<std::string>& parts) {
  std::vector<std::string> lines;
  line_cutter cutter{[&](const std::string& line) { lines.push_back(line); }};
  for (const auto& part : parts) cutter.take(part);
  cutter.finish();
  return lines;
}

TEST(LineCutter, GivesWholeLinesHoweverTheirBytesCome) {
  EXPECT_THAT(cut({"a\nb", "c", "\n\nd"}), ElementsAre("a", "bc", "d"));
  EXPECT_THAT(cut({}), ElementsAre());
}

TEST(LineCutter, LooksAtTheBeginningOfAnEndlessLineOnly) {
  const std::string chunk(report_line_max, 'x');
  const auto lines = cut({chunk, chunk, chunk, "\nnext\n"});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].size(), report_line_max);
  EXPECT_EQ(lines[1], "next");
}

TEST(ReportPattern, FindsTheStepAndTheValue) {
  const auto usual = report_pattern::make(std::string{usual_report_line}).value();
  EXPECT_EQ(usual.in("report 3 0.25")->step, "3");
  EXPECT_EQ(usual.in("report 3 0.25")->value, "0.25");
  EXPECT_FALSE(usual.in("a report 3 0.25"));
  const auto own = report_pattern::make(R"(epoch (\d+): loss (\S+))").value();
  EXPECT_EQ(own.in("[now] epoch 12: loss 1e-3 (fine)")->value, "1e-3");
}

TEST(ReportPattern, RefusesWhatHasNotTwoGroups) {
  EXPECT_THAT(report_pattern::make("(a").error().detail, HasSubstr("is no expression"));
  EXPECT_THAT(report_pattern::make("(a)").error().detail, HasSubstr("has not two groups"));
}

TEST(ListeningRun, AnswersTheStatusOfTheCommand) {
  const auto status = [](const std::string& script) {
    return run_listening({"sh", "-c", script}, [](const auto&) { return tuner::verdict::go_on; });
  };
  EXPECT_EQ(status("exit 3").value(), 3);
  EXPECT_EQ(status("kill -9 $$").value(), 128 + 9);
  const auto missing = run_listening({"/no/such/program"}, {});
  EXPECT_EQ(missing.error().code, fault_code::not_found);
}

TEST(ListeningRun, EndsACommandThatIsToStop) {
  std::vector<std::string> heard;
  const auto status =
      run_listening({"sh", "-c", "echo one; echo two; exec sleep 1000"}, [&](const auto& line) {
        heard.push_back(line);
        return line == "two" ? tuner::verdict::stop : tuner::verdict::go_on;
      });
  EXPECT_EQ(status.value(), 128 + 15);
  EXPECT_THAT(heard, ElementsAre("one", "two"));
}

}  // namespace
}  // namespace fabric::daemon
