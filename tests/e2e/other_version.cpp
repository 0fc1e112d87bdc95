#include "transport/handshake.hpp"

namespace fabric::transport {

// The linker takes this one and leaves the library's own where it is.
build_identity this_build() { return {OTHER_VERSION, {OTHER_LOWEST, OTHER_HIGHEST}, {}}; }

}  // namespace fabric::transport
