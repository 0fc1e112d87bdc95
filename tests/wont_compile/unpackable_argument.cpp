#include "fabric/fabric.hpp"

struct point {
  int x = 0;
};
#ifndef FABRIC_WRONG
FABRIC_PACK(point, x);
#endif
int x_of(point p) { return p.x; }
FABRIC_FUNCTION(x_of);
