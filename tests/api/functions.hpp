#pragma once

#include "fabric/fabric.hpp"

/// Functions that tests call.
namespace calls {

int add(int a, int b);
void nothing();

}  // namespace calls
