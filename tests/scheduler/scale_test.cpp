#include <gtest/gtest.h>
#include <malloc.h>

#include <chrono>

#include "tests/scheduler/engine_fixture.hpp"

namespace fabric::scheduler {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool heap_is_ours = false;
#else
constexpr bool heap_is_ours = true;
#endif

std::size_t heap_bytes() { return mallinfo2().uordblks; }

class Scale : public testing::Test {
 public:
  void submit(job what) {
    scheduler_.step(event::job_submitted{{}, std::make_shared<const job>(std::move(what))}, now_);
  }
  void join(std::uint64_t node, std::int64_t cpus) {
    scheduler_.step(
        event::node_joined{
            node_id{node}, session_id{node}, incarnation_id{1}, "b", "n", machine(cpus), {}, now_},
        now_);
  }

  engine scheduler_{settings{}};
  instant now_{1000s};
};

TEST_F(Scale, AMillionJobsOfAHundredBytesFitInFourHundredMegabytes) {
  if (!heap_is_ours) GTEST_SKIP() << "a sanitizer owns the heap";
  const std::size_t before = heap_bytes();
  for (int i = 0; i < 1'000'000; ++i) {
    job j = engine_fixture::single();
    j.payload.assign(100, 'x');
    j.submitter = "0123456789abcdef0123456789abcdef";
    submit(std::move(j));
  }
  const std::size_t used = heap_bytes() - before;
  RecordProperty("bytes_per_job", std::to_string(used / 1'000'000));
  EXPECT_EQ(scheduler_.count().waiting, 1'000'000U);
  EXPECT_LT(used, 350'000'000U);
}

TEST_F(Scale, AnArrayThatWasNeverStartedCostsOneRecord) {
  if (!heap_is_ours) GTEST_SKIP() << "a sanitizer owns the heap";
  submit(engine_fixture::array(10));  // the tables' first blocks
  const std::size_t before = heap_bytes();
  submit(engine_fixture::array(10'000'000));
  EXPECT_LT(heap_bytes() - before, 2'000U);
  scheduler_.step(event::cancel_requested{{}, {job_id{2}, std::nullopt}}, now_);
  EXPECT_EQ(scheduler_.finished(job_id{2}), false);
}

TEST_F(Scale, TenThousandNodesTakeAndEndTheirTasks) {
  for (std::uint64_t node = 1; node <= 10'000; ++node) join(node, 4);
  const auto commands = scheduler_.step(
      event::job_submitted{{}, std::make_shared<const job>(engine_fixture::array(60'000))}, now_);
  EXPECT_EQ(scheduler_.count().held, 40'000U);
  for (const auto& c : commands) {
    const auto* g = std::get_if<command::grant>(&c);
    if (g == nullptr) continue;
    scheduler_.step(event::attempt_ended{g->node, g->id, ending::succeeded, "r"}, now_);
  }
  EXPECT_EQ(scheduler_.count().finished, 40'000U);
  EXPECT_EQ(scheduler_.count().held, 20'000U);
  EXPECT_EQ(scheduler_.broken_invariant(), "");
}

}  // namespace
}  // namespace fabric::scheduler
