#pragma once

#include <span>
#include <string>

#include "actors/plots/plots.hpp"

/// Whole files, which need nothing else to be shown.
namespace fabric::plots {

/// An SVG picture: the plots below one another.
std::string sheet_of(const subject& what, std::span<const kind> which);

/// An HTML page with the same. No scripts, and none may run.
std::string page_of(const subject& what, std::span<const kind> which);

/// All kinds, but no Pareto front where there is one objective.
std::vector<kind> kinds_for(const subject& what);

}  // namespace fabric::plots
