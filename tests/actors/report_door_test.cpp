#include "actors/node/report_door.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <future>
#include <thread>

#include "actors/node/open_notes.hpp"

namespace fabric::actors {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t patience_ms = 20'000;

class ReportDoor : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/fabric-door-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    // Longer than the address of a socket may be.
    folder_ = root_ + "/" + std::string(120, 'd');
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(root_); }

  /// Answers each line with itself, behind "heard ".
  std::unique_ptr<report_door> open_echo() {
    auto made = report_door::open(folder_, {[this](std::uint64_t caller, const std::string& line) {
                                              door_->answer(caller, "heard " + line);
                                            },
                                            [](std::uint64_t) {}});
    EXPECT_TRUE(made) << to_line(made.error());
    return std::move(*made);
  }

  std::string root_;
  std::string folder_;
  std::unique_ptr<report_door> door_;
};

TEST_F(ReportDoor, AnswersEachCaller) {
  door_ = open_echo();
  std::vector<std::thread> callers;
  for (int i = 0; i < 20; ++i)
    callers.emplace_back([this, i] {
      const auto word = std::to_string(i);
      const auto answer = say_at_door(report_path(folder_), word, patience_ms);
      ASSERT_TRUE(answer) << to_line(answer.error());
      EXPECT_EQ(*answer, "heard " + word);
    });
  for (auto& one : callers) one.join();
}

TEST_F(ReportDoor, IsForItsUserAlone) {
  door_ = open_echo();
  struct stat facts {};
  ASSERT_EQ(::stat(report_path(folder_).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST_F(ReportDoor, TakesThePlaceOfOneThatWasLeftBehind) {
  door_ = open_echo();
  door_.reset();
  EXPECT_FALSE(fs::exists(report_path(folder_)));
  std::FILE* left = std::fopen(report_path(folder_).c_str(), "w");
  ASSERT_NE(left, nullptr);
  std::fclose(left);
  door_ = open_echo();
  EXPECT_TRUE(say_at_door(report_path(folder_), "x", patience_ms));
}

TEST_F(ReportDoor, HearsWhoHangsUp) {
  std::promise<std::uint64_t> spoke;
  std::promise<std::uint64_t> gone;
  auto made = report_door::open(
      folder_, {[&](std::uint64_t caller, const std::string&) { spoke.set_value(caller); },
                [&](std::uint64_t caller) { gone.set_value(caller); }});
  ASSERT_TRUE(made);
  const auto answer = say_at_door(report_path(folder_), "x", 1);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, fault_code::timeout_unknown);
  EXPECT_EQ(spoke.get_future().get(), gone.get_future().get());
}

TEST_F(ReportDoor, CutsOffWhoSaysTooMuch) {
  door_ = open_echo();
  const auto answer =
      say_at_door(report_path(folder_), std::string(10 * report_door::line_max, 'x'), patience_ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, fault_code::unreachable);
  EXPECT_TRUE(say_at_door(report_path(folder_), "x", patience_ms));
}

TEST_F(ReportDoor, ThatIsNotThereIsUnreachable) {
  const auto answer = say_at_door(report_path(folder_), "x", patience_ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, fault_code::unreachable);
  EXPECT_EQ(report_door::open(root_ + "/nowhere", {}).error().code, fault_code::store_failed);
}

const attempt_id attempt{{job_id{7}, 0}, 1};

TEST(OpenNotes, AreSentAgainUntilTheyAreAnswered) {
  open_notes notes;
  const instant t0{};
  const auto number = notes.add(3, attempt, "{}", t0).number;
  EXPECT_TRUE(notes.due(t0).empty());
  EXPECT_EQ(notes.next_wakeup(), t0 + open_notes::patience);
  EXPECT_EQ(notes.due(t0 + open_notes::patience).size(), 1U);
  EXPECT_TRUE(notes.due(t0 + open_notes::patience).empty());
  EXPECT_EQ(notes.answered(number, attempt), 3U);
  EXPECT_EQ(notes.answered(number, attempt), std::nullopt);
  EXPECT_EQ(notes.next_wakeup(), never);
}

TEST(OpenNotes, AreAnsweredForTheirOwnAttemptOnly) {
  open_notes notes;
  const auto number = notes.add(3, attempt, "{}", instant{}).number;
  EXPECT_EQ(notes.answered(number, {{job_id{7}, 0}, 2}), std::nullopt);
  EXPECT_EQ(notes.answered(number, attempt), 3U);
}

TEST(OpenNotes, OfWhoHungUpAreForgotten) {
  open_notes notes;
  notes.add(3, attempt, "{}", instant{});
  notes.add(4, attempt, "{}", instant{});
  notes.hung_up(3);
  EXPECT_EQ(notes.give_up(), (std::vector<std::uint64_t>{4}));
  EXPECT_TRUE(notes.give_up().empty());
}

TEST(OpenNotes, AreAllSentInANewSession) {
  open_notes notes;
  notes.add(3, attempt, "{}", instant{});
  notes.all_due();
  EXPECT_EQ(notes.due(instant{}).size(), 1U);
}

}  // namespace
}  // namespace fabric::actors
