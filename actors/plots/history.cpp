#include <algorithm>
#include <cmath>

#include "actors/plots/look.hpp"
#include "actors/plots/plots.hpp"
#include "actors/plots/thinning.hpp"

namespace fabric::plots {

namespace {

using tuner::trial_state;

constexpr double history_height = 300;
constexpr double dot_radius = 3;
constexpr double rug_height = 12;

/// Nothing where the value is infinite: such trials are counted, not drawn.
std::vector<judged_trial> finite_ones(std::vector<judged_trial> all) {
  std::erase_if(all, [](const judged_trial& one) { return !std::isfinite(one.value); });
  return all;
}

void draw_dots(svg& to, const subject& what, const box& in, const scale& x, const scale& y,
               std::vector<judged_trial> complete, std::size_t& hidden) {
  std::ranges::stable_sort(complete, {}, &judged_trial::loss);
  dot_grid grid(complete.size());
  std::vector<const judged_trial*> kept;
  const auto place = [&](const judged_trial& one) {
    return std::pair{in.x(x.share_of(static_cast<double>(one.row->number))),
                     in.y(y.share_of(one.value))};
  };
  for (const auto& one : complete)
    if (const auto [at_x, at_y] = place(one); grid.take(at_x, at_y)) kept.push_back(&one);
  for (auto one = kept.rbegin(); one != kept.rend(); ++one) {
    const auto [at_x, at_y] = place(**one);
    to.circle(at_x, at_y, dot_radius, "complete dot", hover_text(what, *(*one)->row));
  }
  hidden = grid.hidden();
}

void draw_best_so_far(svg& to, const box& in, const scale& x, const scale& y,
                      const std::vector<judged_trial>& feasible) {
  const judged_trial* best = nullptr;
  std::string points;
  for (const auto& one : feasible) {
    if (best != nullptr && one.loss >= best->loss) continue;
    const double at_x = in.x(x.share_of(static_cast<double>(one.row->number)));
    if (best != nullptr) points += svg_point(at_x, in.y(y.share_of(best->value)));
    points += svg_point(at_x, in.y(y.share_of(one.value)));
    best = &one;
  }
  points += svg_point(in.right, in.y(y.share_of(best->value)));
  to.path(points, "best");
}

/// Trials that are not complete stand below the values, a short line each and a row for each state.
/// Moves the box's bottom down.
std::vector<key_entry> draw_rugs(svg& to, const subject& what, box& in, const scale& x) {
  std::vector<key_entry> key;
  for (const auto state :
       {trial_state::pruned, trial_state::fail, trial_state::running, trial_state::waiting}) {
    const double top = in.bottom + 3;
    double last = -1;
    std::size_t count = 0;
    for (const auto& row : what.trials) {
      if (row.state != state) continue;
      ++count;
      const double at = in.x(x.share_of(static_cast<double>(row.number)));
      if (at - last < 1) continue;
      to.line(at, top, at, top + rug_height - 4, std::string{look_of(state)} + " rug");
      last = at;
    }
    if (count == 0) continue;
    in.bottom += rug_height;
    key.push_back({key_entry::shape::rug, std::string{look_of(state)},
                   std::to_string(count) + " " + std::string{look_of(state)}});
  }
  return key;
}

}  // namespace

picture draw_history(const subject& what) {
  constexpr std::string_view title = "History";
  const auto judged = judged_trials(what);
  const auto complete = finite_ones(judged);
  if (complete.empty())
    return empty_picture(title, judged.empty() ? no_values(what) : "all its values are infinite");
  std::vector<double> values;
  for (const auto& one : complete) values.push_back(one.value);
  const auto y = scale::of_values(values);
  const auto x =
      scale::of_numbers(static_cast<double>(what.trials.front().number),
                        static_cast<double>(what.trials.back().number), scale::spacing::whole);

  svg shapes;
  const box in{80, 0, picture_width - 20, history_height};
  auto below = in;
  svg rugs;
  auto key = draw_rugs(rugs, what, below, x);
  draw_x_axis(shapes, below, x, "trial");
  draw_y_axis(shapes, in, y,
              objective_name(what, what.objective) + (y.is_logarithmic() ? " (log)" : ""));
  shapes.place(0, 0, rugs.shapes());
  std::size_t hidden = 0;
  draw_dots(shapes, what, in, x, y, complete, hidden);
  if (const auto feasible = feasible_of(complete); !feasible.empty()) {
    draw_best_so_far(shapes, in, x, y, feasible);
    key.insert(key.begin(), {key_entry::shape::line, "best", "best so far"});
  }
  key.insert(key.begin(), {key_entry::shape::dot, "complete", "complete"});
  svg to;
  const auto infinite = judged.size() - complete.size();
  const auto top = draw_heading(
      to, title,
      {hidden_note(hidden),
       infinite == 0
           ? ""
           : counted(infinite, "infinite value is", "infinite values are") + " left out"});
  draw_key(to, key);
  to.place(0, top, shapes.shapes());
  return {top + below.bottom + 44, to.shapes()};
}

}  // namespace fabric::plots
