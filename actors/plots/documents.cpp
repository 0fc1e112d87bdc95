#include "actors/plots/documents.hpp"

#include <map>

#include "actors/plots/characters.hpp"
#include "actors/plots/look.hpp"

namespace fabric::plots {

namespace {

constexpr double sheet_head = 62;
constexpr double sheet_gap = 24;
constexpr double sheet_margin = 16;

std::string direction_text(const subject& what) {
  std::string text;
  for (const auto towards : what.towards)
    text += std::string{text.empty() ? "" : ", "} +
            (towards == tuner::direction::maximize ? "maximize" : "minimize");
  if (what.towards.size() > 1)
    text += "; plots of one objective are about " + objective_name(what, what.objective);
  return text;
}

/// "minimize; 100 trials: 90 COMPLETE, 10 PRUNED; best 0.25 (trial 7)"
std::string summary(const subject& what) {
  std::map<tuner::trial_state, std::size_t> states;
  for (const auto& row : what.trials) ++states[row.state];
  std::string text = direction_text(what) + "; " + counted(what.trials.size(), "trial", "trials");
  std::string separator = ": ";
  for (const auto& [state, count] : states) {
    text += separator + std::to_string(count) + " " + std::string{name_of(state)};
    separator = ", ";
  }
  if (const auto best = best_of(judged_trials(what)))
    text += "; best " + short_number(best->value) + " (trial " + std::to_string(best->row->number) +
            ")";
  return text;
}

constexpr std::string_view page_style =
    "body{margin:0 auto;max-width:1000px;padding:1rem;"
    "font-family:system-ui,'DejaVu Sans',Verdana,sans-serif;background:#fff;color:#1f2328}"
    "h1{font-size:1.4rem;margin:.2rem 0;overflow-wrap:anywhere}p{margin:.2rem 0 1rem;color:#59636e}"
    "svg{display:block;width:100%;height:auto;margin:0 0 1.5rem}\n"
    "@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}p{color:#9198a1}}\n";

}  // namespace

std::vector<kind> kinds_for(const subject& what) {
  std::vector<kind> all;
  for (const auto& one : kinds)
    if (one.draw != draw_pareto || what.towards.size() > 1) all.push_back(one);
  return all;
}

std::string sheet_of(const subject& what, std::span<const kind> which) {
  svg to;
  to.text(sheet_margin, 30, shortened("study " + what.name, picture_width - 2 * sheet_margin, 18),
          "name");
  to.text(sheet_margin, 50, shortened(summary(what), picture_width - 2 * sheet_margin, 11),
          "faint");
  double y = sheet_head;
  for (const auto& one : which) {
    const auto drawn = one.draw(what);
    to.place(0, y, drawn.shapes);
    y += drawn.height + sheet_gap;
  }
  return to.file(picture_width, y - sheet_gap + sheet_margin, style_sheet());
}

std::string page_of(const subject& what, std::span<const kind> which) {
  const auto name = escaped(what.name);
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>study " +
      name + "</title>\n<style>\n" + std::string{page_style} + style_sheet() +
      "</style>\n</head>\n<body>\n<h1>study " + name + "</h1>\n<p>" + escaped(summary(what)) +
      "</p>\n";
  for (const auto& one : which) {
    const auto drawn = one.draw(what);
    page += "<svg id=\"" + std::string{one.name} + "\" role=\"img\" viewBox=\"0 0 " +
            svg_number(picture_width) + " " + svg_number(drawn.height) + "\">\n" + drawn.shapes +
            "</svg>\n";
  }
  return page + "</body>\n</html>\n";
}

}  // namespace fabric::plots
