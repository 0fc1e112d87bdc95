#pragma once

#include <string_view>

#include "fabric/result.hpp"

namespace fabric::store {

/// What a study may be called: 1 to 512 bytes of UTF-8 on one line. Optuna cannot even list a
/// storage that holds another name. Faults: usage.
result<void> check_study_name(std::string_view name);

/// The same for a study that is made: nor may it look like a flag. Faults: usage.
result<void> check_new_study_name(std::string_view name);

}  // namespace fabric::store
