#include "bench/harness/curves.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace fabric::bench {

namespace {

using plots::svg;
using plots::svg_number;

constexpr std::size_t panels_in_a_row = 3;
constexpr double panel_gap = 40;
constexpr double panel_height = 230;
constexpr double axis_room = 64;  // left of a panel's plot, for numbers

struct panel {
  std::string line;
  std::vector<const measurement*> points;
};

std::vector<panel> panels_of(const std::vector<measurement>& figures) {
  std::vector<panel> all;
  for (const auto& m : figures) {
    if (!m.point || m.point->x <= 0 || m.value <= 0) continue;
    const auto line = m.case_name + ": " + m.point->line;
    const auto same =
        std::find_if(all.begin(), all.end(), [&](const panel& one) { return one.line == line; });
    auto& own = same != all.end() ? *same : all.emplace_back(panel{line, {}});
    own.points.push_back(&m);
  }
  return all;
}

std::string axis_text(double value) {
  return value < 1000 ? svg_number(value) : number_text(value);
}

/// A logarithmic axis between two places of the picture.
struct axis {
  double lowest = 1;
  double highest = 1;
  double from = 0;
  double to = 0;

  [[nodiscard]] double at(double value) const {
    if (highest <= lowest) return (from + to) / 2;
    const double share =
        (std::log(value) - std::log(lowest)) / (std::log(highest) - std::log(lowest));
    return from + share * (to - from);
  }
};

void draw_line(svg& to, const panel& what, const axis& x, const axis& y, const std::string& look,
               const std::function<double(const measurement&)>& value) {
  std::string points;
  for (const auto* m : what.points) {
    const double at_x = x.at(m->point->x);
    const double at_y = y.at(value(*m));
    points += svg_number(at_x) + "," + svg_number(at_y) + " ";
    to.circle(at_x, at_y, 3, look);
  }
  to.path(points, look);
}

void draw_decades(svg& to, const axis& y, double left, double right) {
  const int first = static_cast<int>(std::floor(std::log10(y.lowest)));
  const int last = static_cast<int>(std::ceil(std::log10(y.highest)));
  for (int power = first; power <= last; ++power) {
    const double value = std::pow(10, power);
    to.line(left, y.at(value), right, y.at(value), "rule");
    to.text(left - 6, y.at(value) + 4, axis_text(value), "faint end");
  }
}

void draw_panel(svg& to, const panel& what, double left, double top, double right) {
  const auto& first = *what.points.front();
  to.text(left, top, what.line + ", " + first.unit, "head");
  to.text(left, top + 16, first.floor ? "dashed: " + first.floor_name : std::string{}, "faint");
  const double plot_left = left + axis_room;
  const double plot_top = top + 30;
  const double plot_bottom = top + panel_height - 40;

  axis x{first.point->x, first.point->x, plot_left, right - 10};
  double lowest = first.value;
  double highest = first.value;
  bool has_floors = true;
  for (const auto* m : what.points) {
    x.lowest = std::min(x.lowest, m->point->x);
    x.highest = std::max(x.highest, m->point->x);
    lowest = std::min({lowest, m->value, m->floor.value_or(m->value)});
    highest = std::max({highest, m->value, m->floor.value_or(m->value)});
    has_floors = has_floors && m->floor && *m->floor > 0;
  }
  const axis y{std::pow(10, std::floor(std::log10(lowest))),
               std::pow(10, std::ceil(std::log10(highest * 1.01))), plot_bottom, plot_top};
  draw_decades(to, y, plot_left, right);
  for (const auto* m : what.points)
    to.text(x.at(m->point->x), plot_bottom + 16, axis_text(m->point->x), "faint middle");
  to.text((plot_left + right) / 2, plot_bottom + 32, first.point->along, "faint middle");
  if (has_floors) draw_line(to, what, x, y, "floor", [](const measurement& m) { return *m.floor; });
  draw_line(to, what, x, y, "ours", [](const measurement& m) { return m.value; });
}

}  // namespace

double draw_curves(plots::svg& to, const std::vector<measurement>& figures,
                   const curve_place& where) {
  const auto panels = panels_of(figures);
  const double wide = (where.right - where.left - panel_gap * (panels_in_a_row - 1)) /
                      static_cast<double>(panels_in_a_row);
  double top = where.top;
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const auto column = i % panels_in_a_row;
    if (i != 0 && column == 0) top += panel_height;
    const double left = where.left + static_cast<double>(column) * (wide + panel_gap);
    draw_panel(to, panels[i], left, top, left + wide);
  }
  return panels.empty() ? where.top : top + panel_height;
}

}  // namespace fabric::bench
