#include "tests/api/functions.hpp"

namespace calls {

int add(int a, int b) { return a + b; }
void nothing() {}

FABRIC_FUNCTION(add);
FABRIC_FUNCTION(nothing);

}  // namespace calls
