#include <algorithm>
#include <cmath>

#include "actors/plots/look.hpp"
#include "actors/plots/plots.hpp"
#include "actors/plots/thinning.hpp"
#include "scheduler/tuner/draws.hpp"

namespace fabric::plots {

namespace {

constexpr std::size_t panels_most = 24;
constexpr std::size_t in_a_row = 3;
constexpr double panel_height = 160;
constexpr double row_height = panel_height + 58;
constexpr double first_left = 80;
constexpr double gap = 24;
constexpr double panel_width = (picture_width - 20 - first_left - (in_a_row - 1) * gap) / in_a_row;

struct slice_dot {
  double x = 0;
  double y = 0;
  const judged_trial* of = nullptr;
};

/// To the side of a choice, by the trial's number, so that equal choices do not hide each other.
double spread(const tuner::trial& row, const parameter_scale& x, const box& in) {
  if (!x.along().has_names()) return 0;
  const auto names = static_cast<double>(x.along().names());
  tuner::draws from(row.number, 0);
  return (from.unit() - 0.5) * 0.5 * in.width() / names;
}

/// By trial: the later, the darker. The best come first to keep their places, the later lie on top.
std::size_t draw_dots(svg& to, const box& in, const parameter_scale& x, const scale& y,
                      const std::vector<judged_trial>& best_first, double last_number) {
  dot_grid grid(best_first.size());
  std::vector<slice_dot> kept;
  for (const auto& one : best_first) {
    const auto share = x.share_of(*one.row);
    if (!share) continue;
    const slice_dot dot{in.x(*share) + spread(*one.row, x, in), in.y(y.share_of(one.value)), &one};
    if (grid.take(dot.x, dot.y)) kept.push_back(dot);
  }
  std::ranges::sort(kept, {}, [](const slice_dot& dot) { return dot.of->row->number; });
  for (const auto& dot : kept) {
    const double lateness = static_cast<double>(dot.of->row->number) / std::max(last_number, 1.0);
    const int index = std::min(shades - 1, static_cast<int>(lateness * shades));
    to.circle(dot.x, dot.y, 2.6, shade(index) + " dot",
              "trial " + std::to_string(dot.of->row->number) + ": " + short_number(dot.of->value));
  }
  return grid.hidden();
}

}  // namespace

picture draw_slices(const subject& what) {
  constexpr std::string_view title = "Slices";
  auto all = judged_trials(what);
  if (all.empty()) return empty_picture(title, no_values(what));
  if (what.over->parameters().empty()) return empty_picture(title, "the study has no parameter");
  std::erase_if(all, [](const judged_trial& one) { return !std::isfinite(one.value); });
  std::vector<double> values;
  for (const auto& one : all) values.push_back(one.value);
  const auto y = scale::of_values(values);
  std::ranges::stable_sort(all, {}, &judged_trial::loss);
  auto order = by_importance(what);
  const auto parameters = order.size();
  order.resize(std::min(order.size(), panels_most));

  svg shapes;
  std::size_t hidden = 0;
  const auto last_number = static_cast<double>(what.trials.back().number);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto column = static_cast<double>(i % in_a_row);
    const double left = first_left + column * (panel_width + gap);
    const double top = row_height * static_cast<double>(i / in_a_row);
    const box in{left, top, left + panel_width, top + panel_height};
    const parameter_scale x(what, order[i]);
    draw_x_axis(shapes, in, x.along(), x.title());
    if (i % in_a_row == 0)
      draw_y_axis(shapes, in, y,
                  objective_name(what, what.objective) + (y.is_logarithmic() ? " (log)" : ""));
    else
      draw_y_rules(shapes, in, y);
    hidden += draw_dots(shapes, in, x, y, all, last_number);
  }

  svg to;
  const auto top = draw_heading(
      to, title,
      {hidden_note(hidden), parameters == order.size() ? ""
                                                       : "the " + std::to_string(panels_most) +
                                                             " most important parameters of " +
                                                             std::to_string(parameters)});
  draw_shade_key(to, picture_width - 20, 19, "early trials", "late");
  to.place(0, top, shapes.shapes());
  const auto rows = (order.size() + in_a_row - 1) / in_a_row;
  return {top + row_height * static_cast<double>(rows) - 8, to.shapes()};
}

}  // namespace fabric::plots
