#include "actors/gateway/gateway_state.hpp"

namespace fabric::actors {

convert::session_terms terms_for(const gateway_state& s, const session& who) {
  return {.version = who.version,
          .software = s.how.who.build.software,
          .features = who.features,
          .cluster = s.how.who.cluster,
          .epoch = s.how.who.epoch,
          .heartbeat = s.how.heartbeat,
          .credits = static_cast<std::uint32_t>(s.how.credits)};
}

}  // namespace fabric::actors
