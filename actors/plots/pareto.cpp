#include <algorithm>
#include <cmath>

#include "actors/plots/plots.hpp"
#include "actors/plots/thinning.hpp"

namespace fabric::plots {

namespace {

constexpr double pareto_height = 420;

struct pair_of_values {
  const tuner::trial* row = nullptr;
  double x = 0;
  double y = 0;
  double x_loss = 0;
  double y_loss = 0;
};

double loss_of(double value, tuner::direction towards) {
  return towards == tuner::direction::maximize ? -value : value;
}

std::vector<pair_of_values> finite_pairs(const subject& what) {
  std::vector<pair_of_values> found;
  for (const auto& row : what.trials) {
    const auto x = value_of(row, 0);
    const auto y = value_of(row, 1);
    if (row.state != tuner::trial_state::complete || !x || !y) continue;
    if (!std::isfinite(*x) || !std::isfinite(*y)) continue;
    found.push_back({&row, *x, *y, loss_of(*x, what.towards[0]), loss_of(*y, what.towards[1])});
  }
  return found;
}

/// Those that none beats in one and is as good as in the other; of equal ones the first.
std::vector<pair_of_values> front_of(std::vector<pair_of_values> all) {
  std::ranges::stable_sort(all, {}, [](const auto& one) {
    return std::pair{one.x_loss, one.y_loss};
  });
  std::vector<pair_of_values> front;
  for (const auto& one : all)
    if (front.empty() || one.y_loss < front.back().y_loss) front.push_back(one);
  return front;
}

std::string direction_of(const subject& what, std::size_t objective) {
  return objective_name(what, objective) + (what.towards[objective] == tuner::direction::maximize
                                                ? ", larger is better"
                                                : ", smaller is better");
}

}  // namespace

picture draw_pareto(const subject& what) {
  constexpr std::string_view title = "Pareto front";
  if (what.towards.size() != 2)
    return empty_picture(title, "a front is drawn of two objectives; the study has " +
                                    std::to_string(what.towards.size()));
  const auto all = finite_pairs(what);
  if (all.empty()) return empty_picture(title, no_values(what));
  const auto front = front_of(all);
  std::vector<double> xs;
  std::vector<double> ys;
  for (const auto& one : all) {
    xs.push_back(one.x);
    ys.push_back(one.y);
  }
  const auto x = scale::of_values(xs);
  const auto y = scale::of_values(ys);

  svg shapes;
  const box in{80, 0, picture_width - 20, pareto_height};
  draw_x_axis(shapes, in, x, direction_of(what, 0) + (x.is_logarithmic() ? " (log)" : ""));
  draw_y_axis(shapes, in, y, direction_of(what, 1) + (y.is_logarithmic() ? " (log)" : ""));
  dot_grid grid(all.size());
  for (const auto& one : all) {
    const double at_x = in.x(x.share_of(one.x));
    const double at_y = in.y(y.share_of(one.y));
    if (grid.take(at_x, at_y))
      shapes.circle(at_x, at_y, 3, "complete dot", hover_text(what, *one.row));
  }
  std::string steps;
  for (std::size_t i = 0; i < front.size(); ++i) {
    if (i > 0) steps += svg_point(in.x(x.share_of(front[i].x)), in.y(y.share_of(front[i - 1].y)));
    steps += svg_point(in.x(x.share_of(front[i].x)), in.y(y.share_of(front[i].y)));
  }
  shapes.path(steps, "best");
  for (const auto& one : front)
    shapes.circle(in.x(x.share_of(one.x)), in.y(y.share_of(one.y)), 4, "best dot",
                  hover_text(what, *one.row));

  svg to;
  const auto top = draw_heading(to, title, {hidden_note(grid.hidden())});
  draw_key(to, {{key_entry::shape::dot, "complete", "complete"},
                {key_entry::shape::dot, "best",
                 counted(front.size(), "trial", "trials") + " of the front"}});
  to.place(0, top, shapes.shapes());
  return {top + pareto_height + 44, to.shapes()};
}

}  // namespace fabric::plots
