#pragma once

#include <string>
#include <string_view>

namespace fabric::plots {

/// "selector{property:value}". Colours are written out in rules: not every viewer knows variables.
std::string css_rule(std::string_view selector, std::string_view property, std::string_view value);

/// A style sheet: the shapes, then their colours for readers who like their pages light, or dark.
std::string themed_style(std::string_view shapes, const std::string& light,
                         const std::string& dark);

}  // namespace fabric::plots
