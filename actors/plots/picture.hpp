#pragma once

#include <string>
#include <vector>

#include "actors/plots/scale.hpp"
#include "actors/plots/svg.hpp"

namespace fabric::plots {

inline constexpr double picture_width = 900;

/// One plot: its size and its shapes.
struct picture {
  double height = 0;
  std::string shapes;
};

/// A place in a picture, in its units, from the top left.
struct box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;

  [[nodiscard]] double width() const { return right - left; }
  [[nodiscard]] double height() const { return bottom - top; }
  [[nodiscard]] double x(double share) const { return left + share * width(); }
  /// Shares grow upwards.
  [[nodiscard]] double y(double share) const { return bottom - share * height(); }
};

/// What a colour or a shape stands for.
struct key_entry {
  enum class shape : std::uint8_t { dot, ring, line, bar, rug };
  shape drawn_as = shape::dot;
  std::string look;
  std::string text;
};

/// Title and, below, what the reader should know. Answers where the plot may begin.
double draw_heading(svg& to, std::string_view title, const std::vector<std::string>& notes);
/// At the right of the title.
void draw_key(svg& to, const std::vector<key_entry>& entries);
/// "worst" to "best", or what the shades stand for; below the picture's right.
void draw_shade_key(svg& to, double right, double y, std::string_view from, std::string_view till);

void draw_x_axis(svg& to, const box& in, const scale& along, std::string_view title);
void draw_y_axis(svg& to, const box& in, const scale& along, std::string_view title);
/// The same without words, for a plot beside one that has them.
void draw_y_rules(svg& to, const box& in, const scale& along);

/// A plot with nothing in it but the reason.
picture empty_picture(std::string_view title, std::string_view why);

}  // namespace fabric::plots
