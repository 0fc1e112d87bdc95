#include "fabric/instant.hpp"

// The cores get the time as an argument; their clock cannot be read.
fabric::instant deadline(fabric::instant now) {
#ifdef FABRIC_WRONG
  now = fabric::fabric_clock::now();
#endif
  return now + std::chrono::seconds{5};
}
