#pragma once

#include <string>
#include <string_view>

namespace fabric::plots {

/// Writes an SVG picture. Looks are classes of a style sheet; what `hover` says is shown where the
/// reader points at the shape. Texts may hold anything.
class svg {
 public:
  void rectangle(double x, double y, double width, double height, std::string_view look,
                 std::string_view hover = {});
  void line(double x1, double y1, double x2, double y2, std::string_view look);
  void circle(double x, double y, double radius, std::string_view look,
              std::string_view hover = {});
  /// Through points, as "x,y x,y".
  void path(std::string_view points, std::string_view look, std::string_view hover = {});
  /// `look` may hold "end" or "middle" for where the text is held.
  void text(double x, double y, std::string_view what, std::string_view look,
            std::string_view hover = {});
  /// The same, read from below.
  void upright_text(double x, double y, std::string_view what, std::string_view look);

  /// Other shapes, moved.
  void place(double x, double y, std::string_view shapes);

  /// All of it so far, without a frame.
  [[nodiscard]] const std::string& shapes() const { return body_; }
  /// The whole file, of that size, on paper.
  [[nodiscard]] std::string file(double width, double height, std::string_view style) const;

 private:
  void close(std::string_view tag, std::string_view hover);

  std::string body_;
};

/// Without trailing zeros, two decimals at most.
std::string svg_number(double value);

/// For a list of points: "x,y ".
std::string svg_point(double x, double y);

/// Fit for text and attributes of XML and HTML: markup escaped, control bytes as blanks, what is no
/// UTF-8 as U+FFFD.
std::string escaped(std::string_view text);

}  // namespace fabric::plots
