#include "fabric/amount.hpp"

fabric::milli amount_of([[maybe_unused]] double cpus) {
#ifdef FABRIC_WRONG
  return fabric::milli{cpus * 1000};
#else
  return fabric::milli{1500};
#endif
}
