#include "bench/harness/svg.hpp"

#include <array>
#include <cstdio>

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

std::string style() {
  return std::string{"<style>\n"} + shapes + colours_of(light) +
         "@media (prefers-color-scheme:dark){\n" + colours_of(dark) + "}\n</style>\n";
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

std::string attribute(const char* name, double value) {
  return std::string{" "} + name + "=\"" + svg_number(value) + "\"";
}

std::string class_of(const std::string& look) { return " class=\"" + look + "\""; }

}  // namespace

std::string svg_number(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  std::string out = text.data();
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

void svg::rectangle(double x, double y, double width, double height, const std::string& look) {
  body_ += "<rect" + class_of(look) + attribute("x", x) + attribute("y", y) +
           attribute("width", width) + attribute("height", height) + "/>\n";
}

void svg::line(double x1, double y1, double x2, double y2, const std::string& look) {
  body_ += "<line" + class_of(look) + attribute("x1", x1) + attribute("y1", y1) +
           attribute("x2", x2) + attribute("y2", y2) + "/>\n";
}

void svg::circle(double x, double y, double radius, const std::string& look) {
  body_ += "<circle" + class_of(look) + attribute("cx", x) + attribute("cy", y) +
           attribute("r", radius) + "/>\n";
}

void svg::path(const std::string& points, const std::string& look) {
  body_ += "<polyline" + class_of(look) + " points=\"" + points + "\"/>\n";
}

void svg::text(double x, double y, const std::string& what, const std::string& look) {
  body_ += "<text" + class_of(look) + attribute("x", x) + attribute("y", y) + ">" + escaped(what) +
           "</text>\n";
}

std::string svg::file(double width, double height) const {
  const auto size = svg_number(width) + " " + svg_number(height);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + "\"" +
         attribute("width", width) + attribute("height", height) + ">\n" + style() +
         "<rect class=\"paper\"" + attribute("width", width) + attribute("height", height) +
         "/>\n" + body_ + "</svg>\n";
}

}  // namespace fabric::bench
