#include "actors/plots/svg.hpp"

#include <array>
#include <cstdio>

#include "actors/plots/characters.hpp"

namespace fabric::plots {

namespace {

std::string attribute(const char* name, double value) {
  return std::string{" "} + name + "=\"" + svg_number(value) + "\"";
}

std::string opened(const char* tag, std::string_view look) {
  std::string out = std::string{"<"} + tag;
  if (!look.empty()) out += " class=\"" + std::string{look} + "\"";
  return out;
}

}  // namespace

std::string svg_number(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  std::string out = text.data();
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

std::string svg_point(double x, double y) { return svg_number(x) + "," + svg_number(y) + " "; }

std::string escaped(std::string_view text) {
  std::string out;
  for_each_character(text, [&out](std::string_view c) {
    if (c == "&")
      out += "&amp;";
    else if (c == "<")
      out += "&lt;";
    else if (c == ">")
      out += "&gt;";
    else if (c == "\"")
      out += "&quot;";
    else if (c == "'")
      out += "&#39;";
    else if (c.size() == 1 && (static_cast<unsigned char>(c[0]) < 0x20 || c[0] == 0x7f))
      out += ' ';
    else
      out += c;
  });
  return out;
}

void svg::close(std::string_view tag, std::string_view hover) {
  if (hover.empty())
    body_ += "/>\n";
  else
    body_ += "><title>" + escaped(hover) + "</title></" + std::string{tag} + ">\n";
}

void svg::rectangle(double x, double y, double width, double height, std::string_view look,
                    std::string_view hover) {
  body_ += opened("rect", look) + attribute("x", x) + attribute("y", y) +
           attribute("width", width) + attribute("height", height);
  close("rect", hover);
}

void svg::line(double x1, double y1, double x2, double y2, std::string_view look) {
  body_ += opened("line", look) + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) +
           attribute("y2", y2);
  close("line", {});
}

void svg::circle(double x, double y, double radius, std::string_view look, std::string_view hover) {
  body_ +=
      opened("circle", look) + attribute("cx", x) + attribute("cy", y) + attribute("r", radius);
  close("circle", hover);
}

void svg::path(std::string_view points, std::string_view look, std::string_view hover) {
  body_ += opened("polyline", look) + " points=\"" + std::string{points} + "\"";
  close("polyline", hover);
}

void svg::text(double x, double y, std::string_view what, std::string_view look,
               std::string_view hover) {
  body_ += opened("text", look) + attribute("x", x) + attribute("y", y) + ">" + escaped(what);
  if (!hover.empty()) body_ += "<title>" + escaped(hover) + "</title>";
  body_ += "</text>\n";
}

void svg::upright_text(double x, double y, std::string_view what, std::string_view look) {
  body_ += opened("text", look) + " transform=\"translate(" + svg_number(x) + " " + svg_number(y) +
           ") rotate(-90)\">" + escaped(what) + "</text>\n";
}

void svg::place(double x, double y, std::string_view shapes) {
  body_ += "<g transform=\"translate(" + svg_number(x) + " " + svg_number(y) + ")\">\n";
  body_ += shapes;
  body_ += "</g>\n";
}

std::string svg::file(double width, double height, std::string_view style) const {
  const auto size = svg_number(width) + " " + svg_number(height);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + "\"" +
         attribute("width", width) + attribute("height", height) + ">\n<style>\n" +
         std::string{style} + "</style>\n<rect class=\"paper\"" + attribute("width", width) +
         attribute("height", height) + "/>\n" + body_ + "</svg>\n";
}

}  // namespace fabric::plots
