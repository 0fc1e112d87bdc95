#include "actors/store/patience.hpp"

#include <utility>

namespace fabric::store {

void waiting::begin() {
  if (since_) return;
  since_ = std::chrono::steady_clock::now();
  is_told_ = false;
}

bool waiting::goes_on() const { return lasted() <= how_.most && is_wanted(); }

std::chrono::milliseconds waiting::lasted() const {
  if (!since_) return std::chrono::milliseconds{0};
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               *since_);
}

void waiting::tell(const std::string& what) {
  if (!std::exchange(is_told_, true) && how_.notice) how_.notice(what);
}

}  // namespace fabric::store
