#include <algorithm>
#include <cmath>

#include "actors/plots/look.hpp"
#include "actors/plots/plots.hpp"

namespace fabric::plots {

namespace {

using tuner::trial_state;

constexpr std::size_t lines_most = 200;
constexpr std::size_t points_most = 200;  // of a line
constexpr double intermediate_height = 300;

struct curve {
  const tuner::trial* row = nullptr;
  bool is_best = false;
};

/// All trials that reported; of many the best one and an even choice.
std::vector<curve> curves_of(const subject& what, std::size_t& reporting) {
  const auto judged = judged_trials(what);
  const auto found_best = best_of(judged);
  const auto* best = found_best ? found_best->row : nullptr;
  std::vector<curve> all;
  for (const auto& row : what.trials)
    if (std::ranges::any_of(row.reports, [](const auto& r) { return std::isfinite(r.value); }))
      all.push_back({&row, &row == best});
  reporting = all.size();
  if (all.size() <= lines_most) return all;
  std::vector<curve> some;
  for (std::size_t i = 0; i < lines_most; ++i) some.push_back(all[i * all.size() / lines_most]);
  const auto is_best = [](const curve& one) { return one.is_best; };
  if (const auto found = std::ranges::find_if(all, is_best);
      found != all.end() && std::ranges::none_of(some, is_best))
    some.back() = *found;
  return some;
}

/// The reports that are drawn, with the last one among them.
std::vector<tuner::trial_report> drawn_reports(const tuner::trial& row) {
  std::vector<tuner::trial_report> all;
  for (const auto& report : row.reports)
    if (std::isfinite(report.value)) all.push_back(report);
  if (all.size() <= points_most) return all;
  std::vector<tuner::trial_report> some;
  for (std::size_t i = 0; i < points_most; ++i)
    some.push_back(all[i * (all.size() - 1) / (points_most - 1)]);
  return some;
}

void draw_curve(svg& to, const subject& what, const curve& one, const box& in, const scale& x,
                const scale& y) {
  const auto reports = drawn_reports(*one.row);
  std::string points;
  for (const auto& [step, value] : reports)
    points += svg_point(in.x(x.share_of(static_cast<double>(step))), in.y(y.share_of(value)));
  const std::string look{one.is_best ? "best" : look_of(one.row->state)};
  const auto hover = hover_text(what, *one.row);
  if (reports.size() > 1) to.path(points, one.is_best ? look : look + " thin", hover);
  const double end_x = in.x(x.share_of(static_cast<double>(reports.back().step)));
  const double end_y = in.y(y.share_of(reports.back().value));
  if (one.row->state == trial_state::pruned)
    to.circle(end_x, end_y, 3, "ring " + look, hover);
  else
    to.circle(end_x, end_y, 2.6, look + " dot", hover);
}

}  // namespace

picture draw_intermediate(const subject& what) {
  constexpr std::string_view title = "Intermediate values";
  std::size_t reporting = 0;
  auto curves = curves_of(what, reporting);
  if (curves.empty())
    return empty_picture(title, what.trials.empty() ? no_values(what)
                                                    : "no trial has reported a value while it ran");
  std::vector<double> values;
  double last_step = 0;
  double first_step = HUGE_VAL;
  for (const auto& one : curves) {
    for (const auto& [step, value] : one.row->reports) {
      values.push_back(value);
      first_step = std::min(first_step, static_cast<double>(step));
      last_step = std::max(last_step, static_cast<double>(step));
    }
  }
  const auto y = scale::of_values(values);
  const auto x = scale::of_numbers(first_step, last_step, scale::spacing::whole);

  svg to;
  const auto top = draw_heading(
      to, title,
      {curves.size() == reporting
           ? ""
           : std::to_string(curves.size()) + " of " + std::to_string(reporting) + " trials"});
  const box in{80, top, picture_width - 20, top + intermediate_height};
  draw_x_axis(to, in, x, "step");
  draw_y_axis(to, in, y, std::string{"reported"} + (y.is_logarithmic() ? " (log)" : ""));
  std::vector<key_entry> key;
  for (const auto state : {trial_state::complete, trial_state::pruned, trial_state::fail,
                           trial_state::running, trial_state::waiting}) {
    bool is_there = false;
    for (const auto& one : curves) {
      if (one.row->state != state || one.is_best) continue;
      draw_curve(to, what, one, in, x, y);
      is_there = true;
    }
    if (is_there)
      key.push_back({state == trial_state::pruned ? key_entry::shape::ring : key_entry::shape::line,
                     std::string{look_of(state)}, std::string{look_of(state)}});
  }
  for (const auto& one : curves) {
    if (!one.is_best) continue;
    draw_curve(to, what, one, in, x, y);
    key.push_back({key_entry::shape::line, "best", "best trial"});
  }
  draw_key(to, key);
  return {in.bottom + 44, to.shapes()};
}

}  // namespace fabric::plots
