#include "fabric/fabric.hpp"

// An address means nothing in another process.
#ifdef FABRIC_WRONG
int first(const int* xs) { return xs[0]; }
#else
int first(const std::vector<int>& xs) { return xs.at(0); }
#endif
FABRIC_FUNCTION(first);
