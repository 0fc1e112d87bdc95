#include "fabric/demand.hpp"

bool submit(const fabric::demand& needs) {
#ifdef FABRIC_WRONG
  fabric::check_demand(needs);
  return true;
#else
  return fabric::check_demand(needs).has_value();
#endif
}
