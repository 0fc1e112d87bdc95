#include "fabric/ids.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

namespace fabric {
namespace {

TEST(NodeId, IsPrintedAs16HexadecimalDigitsAndReadBack) {
  EXPECT_EQ(to_string(node_id{0xab}), "00000000000000ab");
  EXPECT_EQ(to_string(node_id{~0ULL}), "ffffffffffffffff");
  for (const std::uint64_t value : {0ULL, 1ULL, 0x0123456789abcdefULL, ~0ULL})
    EXPECT_EQ(parse_node_id(to_string(node_id{value})), node_id{value});
}

TEST(NodeId, HasOneSpelling) {
  for (const auto text : {"", "ab", "00000000000000AB", "00000000000000a", "00000000000000abc",
                          "000000000000 0ab", "0x000000000000ab", "-00000000000000a"})
    EXPECT_EQ(parse_node_id(text), std::nullopt) << text;
}

TEST(TaskId, IsPrintedWithItsIndexAndAttempt) {
  EXPECT_EQ(to_string(job_id{17}), "17");
  EXPECT_EQ(to_string(task_id{job_id{17}, 3}), "17.3");
  EXPECT_EQ(to_string(attempt_id{{job_id{17}, 3}, 2}), "17.3#2");
}

TEST(JobOrTask, IsReadAsTyped) {
  const auto job = parse_job_or_task("17");
  ASSERT_TRUE(job);
  EXPECT_EQ(job->job, job_id{17});
  EXPECT_EQ(job->index, std::nullopt);
  const auto task = parse_job_or_task("18446744073709551615.4294967295");
  ASSERT_TRUE(task);
  EXPECT_EQ(task->job, job_id{~0ULL});
  EXPECT_EQ(task->index, 4294967295U);
  EXPECT_EQ(parse_job_or_task("17.0")->index, 0U);
}

TEST(JobOrTask, HasOneSpelling) {
  for (const auto text : {"", "0", "0.1", "017", "+1", "-1", "1.", ".1", "1.2.3", "1.02", "1 ",
                          " 1", "1#2", "a", "1.a", "18446744073709551616", "1.4294967296", "1e3"})
    EXPECT_FALSE(parse_job_or_task(text)) << text;
}

TEST(Ids, AreOrderedAndCanBeHashed) {
  EXPECT_LT((task_id{job_id{1}, 9}), (task_id{job_id{2}, 0}));
  EXPECT_LT((attempt_id{{job_id{1}, 0}, 1}), (attempt_id{{job_id{1}, 0}, 2}));
  std::unordered_set<attempt_id> attempts;
  for (std::uint32_t n = 0; n < 100; ++n) attempts.insert({{job_id{1}, n / 10}, n % 10});
  EXPECT_EQ(attempts.size(), 100U);
}

}  // namespace
}  // namespace fabric
