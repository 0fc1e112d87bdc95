#include "actors/plots/css.hpp"

namespace fabric::plots {

std::string css_rule(std::string_view selector, std::string_view property, std::string_view value) {
  return std::string{selector} + "{" + std::string{property} + ":" + std::string{value} + "}";
}

std::string themed_style(std::string_view shapes, const std::string& light,
                         const std::string& dark) {
  return std::string{shapes} + light + "@media (prefers-color-scheme:dark){\n" + dark + "}\n";
}

}  // namespace fabric::plots
