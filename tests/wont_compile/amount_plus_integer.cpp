#include "fabric/amount.hpp"

// One what? A unit or a thousandth must be said.
fabric::milli one_more(fabric::milli amount) {
#ifdef FABRIC_WRONG
  return amount + 1;
#else
  return amount + fabric::units(1);
#endif
}
