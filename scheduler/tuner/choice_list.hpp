#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fabric/result.hpp"

/// Choices as people write them: a,'b c',3,true.
namespace fabric::tuner {

std::string_view trimmed(std::string_view text);

/// Of the parameter `name`, on one line whatever it is called.
fault parameter_fault(std::string_view name, const std::string& what, std::string remedy);

/// The choices of the parameter `name` in "a,'b c',3", as `canonical_choice` spells them. Faults:
/// usage.
result<std::vector<std::string>> parse_choices(std::string_view name, std::string_view text);

/// The spelling of a choice that `parse_choices` reads back.
std::string choice_text(const std::string& choice);

/// Where the text goes on after a choice in quotes that begins at `quote`: after its last quote, or
/// nowhere (npos) where it is not closed.
std::size_t end_of_quoted(std::string_view text, std::size_t quote);

}  // namespace fabric::tuner
