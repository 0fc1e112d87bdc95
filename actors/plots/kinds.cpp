#include <algorithm>

#include "actors/plots/plots.hpp"

namespace fabric::plots {

std::optional<kind> kind_named(std::string_view name) {
  const auto* found = std::ranges::find(kinds, name, &kind::name);
  return found == kinds.end() ? std::nullopt : std::optional{*found};
}

}  // namespace fabric::plots
