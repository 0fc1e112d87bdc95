#include "bench/harness/chart_style.hpp"

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

std::string rule(const char* selector, const char* property, const char* value) {
  return std::string{selector} + "{" + property + ":" + value + "}";
}

/// Colours are written out: not every viewer knows variables.
std::string colours_of(const palette& p) {
  return rule(".paper", "fill", p.paper) + rule("text", "fill", p.ink) +
         rule(".faint", "fill", p.faint) + rule(".met", "fill", p.met) +
         rule(".missed", "fill", p.missed) + rule("line.rule", "stroke", p.rule) +
         rule("line.floor,polyline.floor", "stroke", p.floor) + rule("line.aim", "stroke", p.aim) +
         rule("rect.ours,circle.ours", "fill", p.ours) + rule("circle.floor", "fill", p.floor) +
         rule("circle.rival", "stroke", p.rival) + rule("circle.rival", "fill", p.paper) +
         rule("polyline.ours", "stroke", p.ours) + "\n";
}

constexpr const char* shapes =
    "text{font-family:system-ui,'DejaVu Sans',Verdana,sans-serif;font-size:12px}"
    ".title{font-size:18px;font-weight:600}.head{font-size:14px;font-weight:600}"
    ".faint{font-size:11px}.end{text-anchor:end}.middle{text-anchor:middle}"
    "line.floor{stroke-width:1.5}line.aim,circle.rival{stroke-width:2}"
    "polyline{fill:none;stroke-width:2}polyline.floor{stroke-dasharray:4 3}\n";

}  // namespace

std::string chart_style() {
  return std::string{shapes} + colours_of(light) + "@media (prefers-color-scheme:dark){\n" +
         colours_of(dark) + "}\n";
}

}  // namespace fabric::bench
