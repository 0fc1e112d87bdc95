#include "transport/handshake.hpp"

namespace fabric::transport {

// In a file of its own, so that tests can build a program of another version from the same objects.
build_identity this_build() { return {FABRIC_VERSION, version_range{}, {}}; }

}  // namespace fabric::transport
