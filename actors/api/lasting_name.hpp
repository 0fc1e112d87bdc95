#pragma once

#include <string>
#include <string_view>

namespace fabric::detail {

/// The same text, for the life of the process: equal names share one. For names of which there are
/// few, as those of nodes. Thread-safe.
const std::string& lasting_name(std::string_view name);

}  // namespace fabric::detail
