#pragma once

#include <span>
#include <string_view>

namespace fabric::dashboard {

/// A file of assets/, compiled in.
struct asset {
  std::string_view path;  ///< where it is served
  std::string_view type;
  std::string_view content;
};

std::span<const asset> assets();

}  // namespace fabric::dashboard
