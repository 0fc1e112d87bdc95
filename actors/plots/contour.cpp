#include <algorithm>
#include <cmath>
#include <map>

#include "actors/plots/look.hpp"
#include "actors/plots/plots.hpp"
#include "actors/plots/ranking.hpp"
#include "actors/plots/thinning.hpp"

namespace fabric::plots {

namespace {

constexpr double plot_width = 621;
constexpr double contour_height = 399;
constexpr double cell = 3;  // of the field, in the picture's units; both sizes are multiples
constexpr double bin = 10;  // trials this close count as one to the field

/// A place of the plot with how good trials are there.
struct known_place {
  double x = 0;
  double y = 0;
  double goodness = 0;
  double trials = 1;
};

/// Trials that lie close together as their mean, so that the field's cost does not grow with them.
std::vector<known_place> gathered(const std::vector<known_place>& all) {
  std::map<std::pair<int, int>, known_place> bins;
  for (const auto& one : all) {
    const auto where = std::pair{static_cast<int>(one.x / bin), static_cast<int>(one.y / bin)};
    const auto [found, is_new] = bins.try_emplace(where, one);
    if (is_new) continue;
    auto& sum = found->second;
    const double n = sum.trials;
    sum = {(sum.x * n + one.x) / (n + 1), (sum.y * n + one.y) / (n + 1),
           (sum.goodness * n + one.goodness) / (n + 1), n + 1};
  }
  std::vector<known_place> means;
  for (const auto& [where, mean] : bins) means.push_back(mean);
  return means;
}

/// Weighed by the inverse square of the distance (Shepard, ACM National Conference 1968), a little
/// flattened at the places themselves.
double goodness_at(double x, double y, const std::vector<known_place>& all) {
  constexpr double flat = 64;
  double sum = 0;
  double weights = 0;
  for (const auto& one : all) {
    const double dx = x - one.x;
    const double dy = y - one.y;
    const double near = dx * dx + dy * dy + flat;
    const double weight = std::min(one.trials, 4.0) / (near * near);
    sum += weight * one.goodness;
    weights += weight;
  }
  return sum / weights;
}

/// Runs of one shade are one rectangle.
void draw_field(svg& to, const box& in, const std::vector<known_place>& all) {
  for (double y = in.top; y < in.bottom; y += cell) {
    std::string look;
    double begin = in.left;
    for (double x = in.left; x < in.right; x += cell) {
      auto next = shade_of(goodness_at(x + cell / 2, y + cell / 2, all));
      if (next == look) continue;
      if (!look.empty()) to.rectangle(begin, y, x - begin, cell, "shades " + look);
      begin = x;
      look = std::move(next);
    }
    to.rectangle(begin, y, in.right - begin, cell, "shades " + look);
  }
}

void mark_best(svg& to, const known_place& at, double side, const judged_trial& best,
               const std::string& hover) {
  to.circle(at.x, at.y, 6, "best ring hollow", hover);
  to.text(side, 20, "best of these", "faint");
  to.text(side, 38, short_number(best.value), "head");
  to.text(side, 55, "trial " + std::to_string(best.row->number), "faint");
}

}  // namespace

picture draw_contour(const subject& what) {
  constexpr std::string_view title = "Contour";
  auto judged = judged_trials(what);
  if (judged.empty()) return empty_picture(title, no_values(what));
  if (what.over->parameters().size() < 2)
    return empty_picture(title, "a contour is over two parameters; the study has " +
                                    std::to_string(what.over->parameters().size()));
  const auto order = by_importance(what);
  const parameter_scale x(what, order[0]);
  const parameter_scale y(what, order[1]);
  const ranking ranks(judged);
  std::ranges::stable_sort(judged, {}, &judged_trial::loss);

  const box in{80, 0, 80 + plot_width, contour_height};
  std::vector<known_place> places;
  std::vector<const judged_trial*> rows;
  for (const auto& one : judged) {
    const auto at_x = x.share_of(*one.row);
    const auto at_y = y.share_of(*one.row);
    if (!at_x || !at_y) continue;
    places.push_back({in.x(*at_x), in.y(*at_y), ranks.goodness_of(one.loss), 1});
    rows.push_back(&one);
  }
  if (places.empty())
    return empty_picture(title, "no complete trial has both " + x.title() + " and " + y.title());

  svg shapes;
  draw_x_axis(shapes, in, x.along(), x.title());
  draw_y_axis(shapes, in, y.along(), y.title());
  draw_field(shapes, in, gathered(places));  // over the axes' rules
  dot_grid grid(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!grid.take(places[i].x, places[i].y)) continue;
    shapes.circle(places[i].x, places[i].y, 2.4, "mark", hover_text(what, *rows[i]->row));
  }
  const auto best = std::ranges::find_if(rows, [](const judged_trial* one) {
    return best_of(std::span{one, 1}).has_value();
  });
  if (best != rows.end()) {
    const auto& at = places[static_cast<std::size_t>(best - rows.begin())];
    mark_best(shapes, at, in.right + 30, **best, hover_text(what, *(*best)->row));
  }

  svg to;
  const auto top = draw_heading(
      to, title,
      {"between the trials: weighed by distance; shades by rank", hidden_note(grid.hidden())});
  draw_shade_key(to, picture_width - 20, 19, "worst", "best");
  to.place(0, top, shapes.shapes());
  return {top + contour_height + 44, to.shapes()};
}

}  // namespace fabric::plots
