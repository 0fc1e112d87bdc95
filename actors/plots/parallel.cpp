#include <algorithm>
#include <cmath>

#include "actors/plots/characters.hpp"
#include "actors/plots/plots.hpp"
#include "actors/plots/ranking.hpp"

namespace fabric::plots {

namespace {

constexpr std::size_t axes_most = 11;  // of parameters
constexpr std::size_t lines_most = 400;
constexpr std::size_t best_lines = 100;
constexpr double parallel_height = 320;

/// The best ones, and of the others one in so many; the worst first, so that the best lie on top.
std::vector<judged_trial> drawn_lines(std::vector<judged_trial> all) {
  std::ranges::stable_sort(all, {}, &judged_trial::loss);
  if (all.size() > lines_most) {
    const auto rest = all.size() - best_lines;
    const auto places = lines_most - best_lines;
    for (std::size_t i = 0; i < places; ++i)
      all[best_lines + i] = all[best_lines + i * rest / places];
    all.resize(lines_most);
  }
  std::ranges::reverse(all);
  return all;
}

/// One upright axis, its ticks at its left.
void draw_axis(svg& to, double x, const box& in, const scale& along, const std::string& title,
               double room, double title_room, double title_y) {
  to.line(x, in.top, x, in.bottom, "axis");
  const auto most = static_cast<std::size_t>(in.height() / (along.has_names() ? 16 : 40));
  for (const auto& [share, text] : along.ticks(std::max<std::size_t>(2, most))) {
    to.line(x - 3, in.y(share), x, in.y(share), "axis");
    const auto fits = shortened(text, room - 12, 11);
    to.text(x - 6, in.y(share) + 4, fits, "faint end halo", fits == text ? "" : text);
  }
  const auto fits = shortened(title, title_room, 12);
  to.text(x, title_y, fits, "middle", fits == title ? "" : title);
}

}  // namespace

picture draw_parallel(const subject& what) {
  constexpr std::string_view title = "Parallel coordinates";
  const auto all = judged_trials(what);
  if (all.empty()) return empty_picture(title, no_values(what));
  if (what.over->parameters().empty()) return empty_picture(title, "the study has no parameter");
  const ranking ranks(all);
  std::vector<double> values;
  for (const auto& one : all) values.push_back(one.value);
  const auto value_axis = scale::of_values(values);
  auto order = by_importance(what);
  const auto parameters = order.size();
  order.resize(std::min(order.size(), axes_most));
  std::vector<parameter_scale> axes;
  for (const auto i : order) axes.emplace_back(what, i);

  const box in{84, 0, picture_width - 50, parallel_height};
  const double step = in.width() / static_cast<double>(axes.size());
  svg shapes;
  bool some_lack_one = false;
  const auto lines = drawn_lines(all);
  for (const auto& one : lines) {
    std::string points = svg_point(in.left, in.y(value_axis.share_of(one.value)));
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const auto share = axes[i].share_of(*one.row);
      some_lack_one = some_lack_one || !share;
      points += svg_point(in.left + step * static_cast<double>(i + 1),
                          share ? in.y(*share) : in.bottom + 6);
    }
    shapes.path(points, "through " + shade_of(ranks.goodness_of(one.loss)),
                hover_text(what, *one.row));
  }
  // Titles that do not fit side by side take turns in two lines.
  double widest = 0;
  for (const auto& axis : axes) widest = std::max(widest, width_of(axis.title(), 12));
  const bool in_turns = widest > step - 8;
  const double title_room = (in_turns ? 2 : 1) * step - 8;
  const double title_y = in.bottom + 22;
  draw_axis(shapes, in.left, in, value_axis,
            objective_name(what, what.objective) + (value_axis.is_logarithmic() ? " (log)" : ""),
            in.left - 10, title_room, title_y);
  for (std::size_t i = 0; i < axes.size(); ++i)
    draw_axis(shapes, in.left + step * static_cast<double>(i + 1), in, axes[i].along(),
              axes[i].title(), step * 0.6, title_room, title_y + (in_turns && i % 2 == 0 ? 16 : 0));

  svg to;
  const auto top = draw_heading(
      to, title,
      {all.size() == lines.size()
           ? ""
           : "the best " + std::to_string(best_lines) + " of " + std::to_string(all.size()) +
                 " trials, and " + std::to_string(lines_most - best_lines) + " of the others",
       parameters == axes.size()
           ? ""
           : "the " + std::to_string(axes_most) + " most important parameters of " +
                 std::to_string(parameters),
       some_lack_one
           ? "a line that leaves an axis at its lower end: the trial has no such parameter"
           : ""});
  draw_shade_key(to, picture_width - 20, 19, "worst", "best");
  to.place(0, top, shapes.shapes());
  return {top + parallel_height + 52, to.shapes()};
}

}  // namespace fabric::plots
