#include "actors/gateway/conduct.hpp"

#include <algorithm>

namespace fabric::actors {

conduct::verdict conduct::sent_bad_frame(node_id who, instant now) {
  std::erase_if(by_peer_, [now](const auto& one) {
    return now - one.second.since >= remembered_for && one.second.out_until <= now;
  });
  auto& its = by_peer_[who];
  if (its.bad_frames == 0) its.since = now;
  if (++its.bad_frames < bad_frames_max) return verdict::tell;
  its.bad_frames = 0;
  its.out_until = now + kept_out_for;
  return verdict::cut;
}

duration conduct::kept_out(node_id who, instant now) const {
  const auto found = by_peer_.find(who);
  if (found == by_peer_.end()) return duration{0};
  return std::max(duration{0}, found->second.out_until - now);
}

}  // namespace fabric::actors
