#pragma once

#include "actors/objects/store_options.hpp"
#include "fabric/result.hpp"

namespace fabric::objects {

/// Frees what dead processes left: the whole store where no process has it open, else what the dead
/// held, filled or copied. Makes nothing where there is no store. Faults: those of opening one.
result<void> tidy_store(const store_options& how);

}  // namespace fabric::objects
