#pragma once

#include <string>

namespace fabric::bench {

/// The style sheet of our charts, for readers' light and dark.
std::string chart_style();

}  // namespace fabric::bench
