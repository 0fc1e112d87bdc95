#include "fabric/fabric.hpp"

int add(int a, int b) { return a + b; }
FABRIC_FUNCTION(add);

int sum(fabric::session& s) {
#ifdef FABRIC_WRONG
  return s.submit(add, 1).get();
#else
  return s.submit(add, 1, 2).get();
#endif
}
