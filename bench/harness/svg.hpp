#pragma once

#include <string>

namespace fabric::bench {

/// Writes an SVG picture. Looks are by class, from one style sheet that follows the reader's
/// choice of light or dark.
class svg {
 public:
  void rectangle(double x, double y, double width, double height, const std::string& look);
  void line(double x1, double y1, double x2, double y2, const std::string& look);
  void circle(double x, double y, double radius, const std::string& look);
  /// Through points, as "x,y x,y".
  void path(const std::string& points, const std::string& look);
  /// `look` may hold "end" or "middle" for where the text is held.
  void text(double x, double y, const std::string& what, const std::string& look);

  /// The whole file, of that size.
  [[nodiscard]] std::string file(double width, double height) const;

 private:
  std::string body_;
};

/// Without trailing zeros, two decimals at most.
std::string svg_number(double value);

}  // namespace fabric::bench
