#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fabric::daemon {

/// The known word that somebody who typed `word` most likely meant: one letter in three at most is
/// wrong, missing, too many, or in its neighbour's place. The first of equally near ones; nothing
/// where none is near.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace fabric::daemon
