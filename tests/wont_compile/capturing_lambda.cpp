#include "fabric/fabric.hpp"

static int offset = 1;
#ifdef FABRIC_WRONG
static const auto shifted = [by = offset](int n) { return n + by; };
#else
static const auto shifted = [](int n, int by) { return n + by; };
#endif
FABRIC_FUNCTION_AS("shifted", shifted);
