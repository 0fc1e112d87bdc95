#include "actors/api/call_timers.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "actors/api/actor_desk.hpp"
#include "actors/api/desk.hpp"

namespace fabric::detail {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<seat> a_seat() { return std::make_shared<seat>(desk_ref{}, actor_ref{}, true); }

TEST(CallTimers, ThatAreDueExpireAndOthersDoNot) {
  std::promise<std::uint64_t> expired;
  call_timers timers({.is_open = [](seat&, std::uint64_t) { return true; },
                      .expire = [&](seat&, std::uint64_t n) { expired.set_value(n); }});
  const auto at = a_seat();
  timers.set(at, 1, clock_now() + 1h);
  timers.set(at, 2, clock_now());
  EXPECT_EQ(expired.get_future().get(), 2U);
  EXPECT_EQ(timers.size(), 1U);
}

TEST(CallTimers, OfCallsThatAreOverLeaveAndOthersStay) {
  std::promise<std::uint64_t> expired;
  call_timers timers({.is_open = [](seat&, std::uint64_t n) { return n == 1; },
                      .expire = [&](seat&, std::uint64_t n) { expired.set_value(n); }});
  const auto at = a_seat();
  constexpr std::size_t most = 1024;
  timers.set(at, 1, clock_now() + 50ms);
  for (std::uint64_t n = 2; n <= 10 * most; ++n) timers.set(at, n, clock_now() + 1h);
  while (timers.size() >= most) std::this_thread::yield();
  EXPECT_EQ(expired.get_future().get(), 1U);
}

TEST(CallTimers, OfAnActorThatNobodyKnowsLeave) {
  call_timers timers({.is_open = [](seat&, std::uint64_t) { return true; },
                      .expire = [](seat&, std::uint64_t) { ADD_FAILURE(); }});
  constexpr std::size_t most = 1024;
  for (std::uint64_t n = 1; n <= most; ++n) timers.set(a_seat(), n, clock_now() + 1h);
  while (timers.size() >= most) std::this_thread::yield();
}

}  // namespace
}  // namespace fabric::detail
