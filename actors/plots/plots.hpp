#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "actors/plots/picture.hpp"
#include "actors/plots/subject.hpp"

/// The plots of a study, one file each. Pure: the same study, the same picture. What a study has
/// nothing to show for is drawn as the reason.
namespace fabric::plots {

/// Values by trial, and the best so far.
picture draw_history(const subject& what);
/// Each trial as a line through its value and its parameters.
picture draw_parallel(const subject& what);
/// The value against each parameter.
picture draw_slices(const subject& what);
/// The value over the two most important parameters.
picture draw_contour(const subject& what);
/// How much each parameter matters.
picture draw_importances(const subject& what);
/// What trials reported while they ran.
picture draw_intermediate(const subject& what);
/// Which node ran what, and when.
picture draw_timeline(const subject& what);
/// The trials of a study with two objectives that none beats in both.
picture draw_pareto(const subject& what);

struct kind {
  std::string_view name;  ///< as people type it
  picture (*draw)(const subject&);
};
inline constexpr std::array<kind, 8> kinds = {{{"history", draw_history},
                                               {"importance", draw_importances},
                                               {"slice", draw_slices},
                                               {"contour", draw_contour},
                                               {"parallel", draw_parallel},
                                               {"intermediate", draw_intermediate},
                                               {"timeline", draw_timeline},
                                               {"pareto", draw_pareto}}};

std::optional<kind> kind_named(std::string_view name);

}  // namespace fabric::plots
