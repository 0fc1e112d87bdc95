#include <algorithm>

#include "actors/plots/characters.hpp"
#include "actors/plots/plots.hpp"

namespace fabric::plots {

namespace {

constexpr std::size_t bars_most = 20;
constexpr double row_height = 24;
constexpr double bar_left = 240;

}  // namespace

picture draw_importances(const subject& what) {
  constexpr std::string_view title = "Importances";
  if (judged_trials(what).empty()) return empty_picture(title, no_values(what));
  if (what.over->parameters().empty()) return empty_picture(title, "the study has no parameter");
  const auto shares = importances_of(what);
  if (!shares) return empty_picture(title, shares.error().detail);
  auto order = by_importance(what);
  double left_out = 0;
  const auto hidden = order.size() - std::min(order.size(), bars_most);
  for (auto i = order.size() - hidden; i < order.size(); ++i) left_out += (*shares)[order[i]];
  order.resize(order.size() - hidden);

  svg to;
  double y = draw_heading(
      to, title,
      {"how much each parameter alone tells the best trials from all (PED-ANOVA, arXiv:2304.10255)",
       hidden == 0 ? ""
                   : counted(hidden, "parameter", "parameters") + " with " + share_text(left_out) +
                         " together left out"});
  const double most = (*shares)[order.front()];
  for (const auto i : order) {
    const auto& name = what.over->parameters()[i].name;
    const double share = (*shares)[i];
    const auto fits = shortened(name, bar_left - 34, 12);
    to.text(bar_left - 12, y + 13, fits, "end", fits == name ? "" : name);
    const double wide = std::max(1.0, share / most * (picture_width - bar_left - 100));
    to.rectangle(bar_left, y + 2, wide, 14, "complete", name + ": " + share_text(share));
    to.text(bar_left + wide + 8, y + 13, share_text(share), "faint");
    y += row_height;
  }
  return {y + 14, to.shapes()};
}

}  // namespace fabric::plots
