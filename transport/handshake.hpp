#pragma once

#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "transport/message.hpp"

/// The rules of HELLO, as pure functions.
namespace fabric::transport {

/// What this build is. Compatibility tests link programs with another `this_build`.
struct build_identity {
  std::string software;  ///< "0.1.0"
  version_range speaks;
  std::vector<std::string> features;
};
build_identity this_build();

/// What the head knows when a HELLO comes.
struct head_identity {
  build_identity build;
  std::string cluster;
  std::uint64_t epoch = 0;
};

/// The version and features of a session, or why there is none: `version` naming both softwares,
/// both ranges and the side to upgrade; `stale_epoch` where the dialler has seen a later head;
/// `config` where it belongs to another cluster.
struct agreement {
  std::uint32_t version = 0;
  std::vector<std::string> features;
};
result<agreement> agree(const head_identity& head, const hello& dialler);

/// The dialler's check of a WELCOME (the mirror of `agree`, for a head that is laxer than we are).
result<void> accept(const build_identity& ours, const welcome& answer, std::string_view cluster,
                    std::uint64_t epoch_seen);

}  // namespace fabric::transport
