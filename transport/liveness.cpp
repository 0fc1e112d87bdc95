#include "transport/liveness.hpp"

#include <algorithm>

namespace fabric::transport {

liveness::liveness(duration interval, int missed_max, instant now)
    : interval_(interval), missed_max_(missed_max), heard_(now), sent_(now) {}

void liveness::heard(instant now) { heard_ = std::max(heard_, now); }
void liveness::sent(instant now) { sent_ = std::max(sent_, now); }

bool liveness::is_due(instant now) const { return now >= sent_ + interval_; }
bool liveness::is_lost(instant now) const { return now >= heard_ + interval_ * missed_max_; }

instant liveness::next_wakeup() const {
  return std::min(sent_ + interval_, heard_ + interval_ * missed_max_);
}

}  // namespace fabric::transport
