#include "fabric/fabric.hpp"

void note();
FABRIC_FUNCTION(note);

// A failure would be lost with it; whoever means that says so.
void start(fabric::session& s) {
#ifdef FABRIC_WRONG
  s.submit(note);
#else
  (void)s.submit(note);
#endif
}
