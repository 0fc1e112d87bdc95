#include "actors/daemon/interrupts.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace fabric::daemon {

namespace {

constexpr std::int64_t one_moment_ms = 200;

std::atomic<int> seen = 0;
std::atomic<std::int64_t> last_ms = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

void note(int) {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  const std::int64_t ms = std::int64_t{at.tv_sec} * 1000 + at.tv_nsec / 1'000'000;
  if (seen > 0 && ms - last_ms < one_moment_ms) return;
  last_ms = ms;
  ++seen;
}

}  // namespace

void count_interrupts() {
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
}

int interrupts_seen() { return seen; }

}  // namespace fabric::daemon
