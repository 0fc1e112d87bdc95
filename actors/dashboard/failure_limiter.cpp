#include "actors/dashboard/failure_limiter.hpp"

#include <algorithm>

namespace fabric::dashboard {

bool failure_limiter::take(const std::string& address, instant now) {
  if (!times_.contains(address)) make_room();
  auto& times = times_[address];
  while (!times.empty() && now - times.front() >= window) times.pop_front();
  if (times.size() >= times_max) return false;
  times.push_back(now);
  return true;
}

void failure_limiter::make_room() {
  if (times_.size() < addresses_max) return;
  times_.erase(std::min_element(times_.begin(), times_.end(), [](const auto& a, const auto& b) {
    return a.second.back() < b.second.back();
  }));
}

}  // namespace fabric::dashboard
