#include "actors/clock.hpp"

#include <ctime>

namespace fabric::actors {

namespace {

std::int64_t read_us(clockid_t which) {
  timespec t{};
  clock_gettime(which, &t);
  return std::int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1'000;
}

}  // namespace

instant now() { return instant{duration{read_us(CLOCK_BOOTTIME)}}; }

std::int64_t wall_ms() { return read_us(CLOCK_REALTIME) / 1'000; }

}  // namespace fabric::actors
