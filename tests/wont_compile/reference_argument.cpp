#include "fabric/fabric.hpp"

// The caller's variable is elsewhere.
#ifdef FABRIC_WRONG
void raise(int& n) { ++n; }
#else
int raise(int n) { return n + 1; }
#endif
FABRIC_FUNCTION(raise);
