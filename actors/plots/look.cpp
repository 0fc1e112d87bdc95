#include "actors/plots/look.hpp"

#include <array>

#include "actors/plots/css.hpp"

namespace fabric::plots {

namespace {

struct palette {
  const char* paper;
  const char* ink;
  const char* faint;
  const char* rule;
  const char* complete;
  const char* pruned;
  const char* fail;
  const char* running;
  const char* waiting;
  const char* best;
  std::array<const char*, shades> shade;
};

// The shades are ColorBrewer's YlGnBu (Brewer, colorbrewer2.org) and viridis (Smith and van der
// Walt, 2015), thinned to ten and cut off where they would vanish on their paper.
constexpr palette light{"#ffffff",
                        "#1f2328",
                        "#59636e",
                        "#e3e7eb",
                        "#0072b2",
                        "#b87c00",
                        "#c2457f",
                        "#00805c",
                        "#8c959f",
                        "#d55e00",
                        {"#e6edb8", "#c9e3b6", "#a3d6b9", "#7cc9bf", "#55b9c4", "#36a2c2",
                         "#2485b8", "#2664a7", "#243f94", "#141f63"}};
constexpr palette dark{"#0d1117",
                       "#e6edf3",
                       "#9198a1",
                       "#262c34",
                       "#56b4e9",
                       "#e69f00",
                       "#e58fbb",
                       "#2fc699",
                       "#7d8590",
                       "#ff8c42",
                       {"#37305f", "#3d4374", "#3c5683", "#35688a", "#2f7a8c", "#2a8d8a", "#2fa181",
                        "#54b56c", "#93c84c", "#f0e442"}};

std::string state_colours(std::string_view state, const char* colour) {
  const std::string name{state};
  return css_rule("circle." + name + ",rect." + name, "fill", colour) +
         css_rule("line." + name + ",polyline." + name + ",circle.ring." + name, "stroke", colour);
}

std::string colours_of(const palette& p) {
  std::string css =
      css_rule(".paper", "fill", p.paper) + css_rule("text", "fill", p.ink) +
      css_rule(".faint", "fill", p.faint) + css_rule("line.rule", "stroke", p.rule) +
      css_rule("line.axis,polyline.axis", "stroke", p.faint) +
      css_rule("rect.frame", "stroke", p.rule) + css_rule("circle.dot", "stroke", p.paper) +
      css_rule("rect.bar", "stroke", p.paper) + css_rule("circle.mark", "stroke", p.ink) +
      css_rule("circle.mark", "fill", p.paper) + css_rule("text.halo", "stroke", p.paper) + "\n";
  css += state_colours("complete", p.complete) + state_colours("pruned", p.pruned) +
         state_colours("fail", p.fail) + state_colours("running", p.running) +
         state_colours("waiting", p.waiting) + state_colours("best", p.best) + "\n";
  css += css_rule("circle.ring", "fill", p.paper) + css_rule("line.again", "stroke", p.ink) +
         css_rule("text.on", "fill", p.paper);
  for (int i = 0; i < shades; ++i) {
    const auto* colour = p.shade[static_cast<std::size_t>(i)];
    css += css_rule("rect." + shade(i) + ",circle." + shade(i), "fill", colour) +
           css_rule("polyline." + shade(i), "stroke", colour);
  }
  return css + "\n";
}

constexpr std::string_view shapes =
    "text{font-family:system-ui,'DejaVu Sans',Verdana,sans-serif;font-size:12px}"
    ".name{font-size:18px;font-weight:600}.on{font-size:11px}.title{font-size:16px;font-weight:600}"
    ".head{font-size:13px;font-weight:600}"
    ".faint{font-size:11px}.end{text-anchor:end}.middle{text-anchor:middle}"
    "rect.frame{fill:none}rect.shades{shape-rendering:crispEdges}"
    "polyline{fill:none;stroke-width:1.5;stroke-linejoin:round}polyline.best{stroke-width:2.5}"
    "polyline.thin{stroke-width:1;stroke-opacity:.55}"
    "polyline.through{stroke-width:1.4;stroke-opacity:.7}"
    "text.halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}line.rug{stroke-width:1.5}"
    "circle.dot{stroke-width:.6}circle.ring{stroke-width:1.5}"
    "circle.mark{stroke-width:1.2}rect.bar{stroke-width:.5}"
    "circle.ring.hollow{fill:none;stroke-width:2}line.again{stroke-width:2}"
    "circle:hover{stroke-width:3}"
    "polyline.thin:hover,polyline.through:hover{stroke-width:3.5;stroke-opacity:1}\n";

}  // namespace

std::string style_sheet() { return themed_style(shapes, colours_of(light), colours_of(dark)); }

std::string_view look_of(tuner::trial_state state) {
  switch (state) {
    case tuner::trial_state::complete: return "complete";
    case tuner::trial_state::pruned: return "pruned";
    case tuner::trial_state::fail: return "fail";
    case tuner::trial_state::running: return "running";
    case tuner::trial_state::waiting: return "waiting";
  }
  return "waiting";
}

std::string shade(int index) { return "g" + std::to_string(index); }

}  // namespace fabric::plots
