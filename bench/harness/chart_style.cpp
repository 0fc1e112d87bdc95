#include "bench/harness/chart_style.hpp"

#include "actors/plots/css.hpp"

namespace fabric::bench {

namespace {

struct palette {
  const char* paper;
  const char* ink;
  const char* faint;
  const char* rule;
  const char* ours;
  const char* floor;
  const char* aim;
  const char* rival;
  const char* met;
  const char* missed;
};

constexpr palette light{"#ffffff", "#1f2328", "#57606a", "#d8dee4", "#1f6feb",
                        "#8c959f", "#bf3989", "#bc4c00", "#1a7f37", "#cf222e"};
constexpr palette dark{"#0d1117", "#e6edf3", "#9198a1", "#30363d", "#58a6ff",
                       "#7d8590", "#db61a2", "#f0883e", "#3fb950", "#f85149"};

std::string colours_of(const palette& p) {
  return plots::css_rule(".paper", "fill", p.paper) + plots::css_rule("text", "fill", p.ink) +
         plots::css_rule(".faint", "fill", p.faint) + plots::css_rule(".met", "fill", p.met) +
         plots::css_rule(".missed", "fill", p.missed) +
         plots::css_rule("line.rule", "stroke", p.rule) +
         plots::css_rule("line.floor,polyline.floor", "stroke", p.floor) +
         plots::css_rule("line.aim", "stroke", p.aim) +
         plots::css_rule("rect.ours,circle.ours", "fill", p.ours) +
         plots::css_rule("circle.floor", "fill", p.floor) +
         plots::css_rule("circle.rival", "stroke", p.rival) +
         plots::css_rule("circle.rival", "fill", p.paper) +
         plots::css_rule("polyline.ours", "stroke", p.ours) + "\n";
}

constexpr const char* shapes =
    "text{font-family:system-ui,'DejaVu Sans',Verdana,sans-serif;font-size:12px}"
    ".title{font-size:18px;font-weight:600}.head{font-size:14px;font-weight:600}"
    ".faint{font-size:11px}.end{text-anchor:end}.middle{text-anchor:middle}"
    "line.floor{stroke-width:1.5}line.aim,circle.rival{stroke-width:2}"
    "polyline{fill:none;stroke-width:2}polyline.floor{stroke-dasharray:4 3}\n";

}  // namespace

std::string chart_style() {
  return plots::themed_style(shapes, colours_of(light), colours_of(dark));
}

}  // namespace fabric::bench
