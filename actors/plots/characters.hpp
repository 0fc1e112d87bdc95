#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

/// Texts as a row of characters on a page.
namespace fabric::plots {

/// Each UTF-8 character in turn; U+FFFD for a byte that begins none.
void for_each_character(std::string_view text, const std::function<void(std::string_view)>& each);

/// About how wide a text is in a sans-serif font of that size: a character takes 0.6 of it.
double width_of(std::string_view text, double font_size);

/// The text where it fits, else its beginning and an ellipsis.
std::string shortened(std::string_view text, double width, double font_size);

}  // namespace fabric::plots
