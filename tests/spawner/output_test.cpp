#include <gtest/gtest.h>

#include "actors/spawner/log_file.hpp"
#include "tests/spawner/support.hpp"

namespace fabric::spawner {
namespace {

using namespace testing;

/// Decimal numbers from 1 on, one a line, as `seq` writes them.
std::string lines_up_to(int last) {
  std::string all;
  for (int i = 1; i <= last; ++i) all += std::to_string(i) + "\n";
  return all;
}

TEST(Output, IsKeptApartForBothStreamsInFilesAndTails) {
  running_spawner spawner;
  const scratch_folder folder;
  auto what = a_script(attempt(1), "echo to out; echo to err >&2");
  what.stdout_path = folder.path("logs/out");
  what.stderr_path = folder.path("logs/err");
  const auto end = spawner.run(what);
  EXPECT_EQ(end.stdout_tail, "to out\n");
  EXPECT_EQ(end.stderr_tail, "to err\n");
  EXPECT_EQ(end.stdout_bytes, 7U);
  EXPECT_EQ(content_of(what.stdout_path), "to out\n");
  EXPECT_EQ(content_of(what.stderr_path), "to err\n");
  EXPECT_EQ(end.detail, "");
}

TEST(Output, OfASilentTaskMakesNoFiles) {
  running_spawner spawner;
  const scratch_folder folder;
  auto what = a_program(attempt(1), {"true"});
  what.stdout_path = folder.path("out");
  what.stderr_path = folder.path("err");
  spawner.run(what);
  EXPECT_FALSE(std::filesystem::exists(what.stdout_path));
  EXPECT_FALSE(std::filesystem::exists(what.stderr_path));
}

TEST(Output, BeyondTheLimitLosesItsBeginningAndNothingElse) {
  running_spawner spawner;
  const scratch_folder folder;
  auto what = a_program(attempt(1), {"sh", "-c", "seq 1500000; seq 20000 >&2"});
  what.stdout_path = folder.path("out");
  what.stderr_path = folder.path("err");
  what.output_bytes_max = 1 << 20;
  const auto end = spawner.run(what);

  const std::string all = lines_up_to(1'500'000);
  ASSERT_GT(all.size(), 10U << 20);
  EXPECT_EQ(end.stdout_bytes, all.size());
  EXPECT_EQ(end.stdout_tail, all.substr(all.size() - (256 << 10)));
  const std::string kept = content_of(what.stdout_path);
  const std::uint64_t from = first_kept(what.stdout_path).value();
  EXPECT_EQ(kept.size(), all.size());
  EXPECT_GT(from, 0U);
  EXPECT_LE(from, all.size() - what.output_bytes_max);
  EXPECT_TRUE(kept.substr(from) == all.substr(from));

  const std::string errors = lines_up_to(20'000);
  EXPECT_EQ(end.stderr_bytes, errors.size());
  EXPECT_EQ(end.stderr_tail, errors.substr(errors.size() - (16 << 10)));
  EXPECT_TRUE(content_of(what.stderr_path) == errors);
}

TEST(Output, MayHoldAnyBytes) {
  running_spawner spawner;
  std::string all;
  for (int i = 0; i < 1024; ++i) all += static_cast<char>(i * 7);
  auto what = a_program(attempt(1), {"sh", "-c", "tee /dev/stderr"});
  what.stdin_data = all;
  const auto end = spawner.run(what);
  EXPECT_EQ(end.stdout_tail, all);
  EXPECT_EQ(end.stderr_tail, all);
}

TEST(Output, ToAFullDiskDoesNotStopTheTask) {
  running_spawner spawner;
  auto what = a_program(attempt(1), {"seq", "1000"});
  what.stdout_path = "/dev/full";
  const auto end = spawner.run(what);
  EXPECT_EQ(why(end), end_reason::exited);
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_EQ(end.stdout_tail, lines_up_to(1000));
  EXPECT_EQ(end.detail, std::to_string(end.stdout_bytes) +
                            " bytes of stdout were not kept on disk: No space left on device");
}

TEST(Output, OfTheLastMomentIsNotLost) {
  running_spawner spawner;
  for (std::uint64_t i = 1; i <= 50; ++i)
    EXPECT_EQ(spawner.run(a_script(attempt(i), "seq 2000; kill -9 $$")).stdout_tail,
              lines_up_to(2000));
}

TEST(Output, PipeHeldOpenByAProcessOutsideOfTheTaskDoesNotDelayItsEnd) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost held(folder.path("held"));
  signpost go(folder.path("go"));
  // Attempt 2 opens the stdout of attempt 1 and keeps it.
  spawner.send(a_script(attempt(1), "echo text; read x < " + go.path()));
  const std::string pid = std::to_string(spawner.started(attempt(1)));
  spawner.send(a_script(attempt(2), "exec 9> /proc/" + pid + "/fd/1; echo up > " + held.path() +
                                        "; exec sleep 1000"));
  ASSERT_TRUE(held.passed());
  go.release();
  EXPECT_EQ(spawner.ended(attempt(1)).stdout_tail, "text\n");
  EXPECT_FALSE(spawner.has_ended(attempt(2)));
}

}  // namespace
}  // namespace fabric::spawner
