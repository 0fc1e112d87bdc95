#pragma once

#include "actors/objects/settings.hpp"
#include "fabric/session.hpp"

namespace fabric::detail {

/// The store that a program means by its options; `given` is what they do not say.
/// Faults: usage, naming what makes no sense.
result<objects::store_options> store_options_of(const object_options& how,
                                                objects::store_settings given);

}  // namespace fabric::detail
