#include "actors/plots/picture.hpp"

#include <algorithm>

#include "actors/plots/characters.hpp"
#include "actors/plots/look.hpp"

namespace fabric::plots {

namespace {

constexpr double small = 11;  // of the classes "faint" and "title": see the style sheet
constexpr double margin = 16;
constexpr double title_base = 24;
constexpr double line_height = 16;
constexpr double least_between_x_ticks = 56;
constexpr double least_between_y_ticks = 34;
constexpr double room_left_of_y_axis = 56;

void draw_entry(svg& to, const key_entry& entry, double x, double y) {
  using enum key_entry::shape;
  switch (entry.drawn_as) {
    case dot: to.circle(x + 6, y, 4, entry.look + " dot"); break;
    case ring: to.circle(x + 6, y, 3.5, "ring " + entry.look); break;
    case line: to.path(svg_point(x, y) + svg_point(x + 14, y), entry.look); break;
    case bar: to.rectangle(x, y - 5, 12, 10, entry.look); break;
    case rug: to.line(x + 6, y - 5, x + 6, y + 5, entry.look + " rug"); break;
  }
}

std::size_t count_for(double length, double least) {
  return std::max<std::size_t>(2, static_cast<std::size_t>(length / least));
}

std::vector<tick> y_ticks(const box& in, const scale& along) {
  return along.ticks(count_for(in.height(), along.has_names() ? 14 : least_between_y_ticks));
}

}  // namespace

double draw_heading(svg& to, std::string_view title, const std::vector<std::string>& notes) {
  to.text(margin, title_base, title, "title");
  double y = title_base + 4;
  for (const auto& note : notes) {
    if (note.empty()) continue;
    y += line_height;
    to.text(margin, y, shortened(note, picture_width - 2 * margin, small), "faint");
  }
  return y + 14;
}

void draw_key(svg& to, const std::vector<key_entry>& entries) {
  double x = picture_width - margin;
  for (const auto& entry : entries) x -= 34 + width_of(entry.text, small);
  for (const auto& entry : entries) {
    draw_entry(to, entry, x, title_base - 5);
    to.text(x + 18, title_base - 1, entry.text, "faint");
    x += 34 + width_of(entry.text, small);
  }
}

void draw_shade_key(svg& to, double right, double y, std::string_view from, std::string_view till) {
  constexpr double wide = 16;
  double x = right - width_of(till, small);
  to.text(right, y + 4, till, "faint end");
  x -= 6 + shades * wide;
  for (int i = 0; i < shades; ++i)
    to.rectangle(x + i * wide, y - 5, wide, 10, "shades " + shade(i));
  to.text(x - 6, y + 4, from, "faint end");
}

void draw_x_axis(svg& to, const box& in, const scale& along, std::string_view title) {
  const double least = along.has_names() ? 44 : least_between_x_ticks;
  const auto ticks = along.ticks(count_for(in.width(), least));
  const double room = along.has_names()
                          ? in.width() / static_cast<double>(std::max<std::size_t>(1, ticks.size()))
                          : in.width();
  for (const auto& [share, text] : ticks) {
    to.line(in.x(share), in.top, in.x(share), in.bottom, "rule");
    const auto fits = shortened(text, room - 6, small);
    to.text(in.x(share), in.bottom + 15, fits, "faint middle",
            fits == text ? std::string_view{} : std::string_view{text});
  }
  to.line(in.left, in.bottom, in.right, in.bottom, "axis");
  const auto fits = shortened(title, in.width(), small);
  to.text(in.x(0.5), in.bottom + 32, fits, "faint middle",
          fits == title ? std::string_view{} : title);
}

void draw_y_rules(svg& to, const box& in, const scale& along) {
  for (const auto& one : y_ticks(in, along))
    to.line(in.left, in.y(one.share), in.right, in.y(one.share), "rule");
  to.line(in.left, in.top, in.left, in.bottom, "axis");
}

void draw_y_axis(svg& to, const box& in, const scale& along, std::string_view title) {
  draw_y_rules(to, in, along);
  for (const auto& [share, text] : y_ticks(in, along)) {
    const auto fits = shortened(text, room_left_of_y_axis, small);
    to.text(in.left - 6, in.y(share) + 4, fits, "faint end",
            fits == text ? std::string_view{} : std::string_view{text});
  }
  to.upright_text(in.left - room_left_of_y_axis - 8, in.y(0.5),
                  shortened(title, in.height(), small), "faint middle");
}

picture empty_picture(std::string_view title, std::string_view why) {
  svg to;
  const double top = draw_heading(to, title, {});
  constexpr double high = 90;
  to.rectangle(margin, top, picture_width - 2 * margin, high, "frame");
  to.text(picture_width / 2, top + high / 2 + 4, shortened(why, picture_width - 4 * margin, small),
          "faint middle");
  return {top + high + margin, to.shapes()};
}

}  // namespace fabric::plots
