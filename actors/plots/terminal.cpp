#include "actors/plots/terminal.hpp"

#include <algorithm>
#include <cmath>

#include "actors/plots/scale.hpp"

namespace fabric::plots {

namespace {

constexpr std::size_t label_columns = 10;

/// Cells of a terminal. Dots lie in cells, two columns of four in each where they are braille.
class canvas {
 public:
  canvas(std::size_t columns, std::size_t rows, const terminal_look& how)
      : columns_(columns), rows_(rows), how_(how), dots_(columns * rows), lines_(columns * rows) {}

  [[nodiscard]] std::size_t column_of(double share) const { return index(share, columns_); }
  /// From the top.
  [[nodiscard]] std::size_t row_of(double share) const { return index(1 - share, rows_); }

  void dot(double x, double y) {
    const auto column = index(x, columns_ * 2);
    const auto row = index(1 - y, rows_ * 4);
    dots_[row / 4 * columns_ + column / 2] |= braille_bit(column % 2, row % 4);
  }
  /// In a cell; the later one stays.
  void line(std::size_t column, std::size_t row, const char* in_utf8, char in_ascii) {
    lines_[row * columns_ + column] = how_.utf8 ? in_utf8 : std::string(1, in_ascii);
  }
  [[nodiscard]] std::string row_text(std::size_t row) const;

 private:
  static std::size_t index(double share, std::size_t count) {
    return std::min(static_cast<std::size_t>(share * static_cast<double>(count)), count - 1);
  }
  static unsigned braille_bit(std::size_t column, std::size_t row) {
    constexpr unsigned bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    return bits[row][column];
  }
  [[nodiscard]] std::string dots_text(unsigned dots) const;

  std::size_t columns_;
  std::size_t rows_;
  terminal_look how_;
  std::vector<unsigned> dots_;
  std::vector<std::string> lines_;
};

/// U+2800 and a bit for each dot.
std::string canvas::dots_text(unsigned dots) const {
  if (dots == 0) return " ";
  if (!how_.utf8) return ".";
  return {'\xE2', static_cast<char>(0xA0 | (dots >> 6)), static_cast<char>(0x80 | (dots & 0x3F))};
}

std::string canvas::row_text(std::size_t row) const {
  std::string text;
  std::size_t blanks = 0;  // kept back, so that none end the row
  for (std::size_t column = 0; column < columns_; ++column) {
    const auto at = row * columns_ + column;
    const auto& line = lines_[at];
    const auto what = line.empty() ? dots_text(dots_[at]) : line;
    if (what == " ") {
      ++blanks;
      continue;
    }
    text.append(blanks, ' ');
    blanks = 0;
    text += line.empty() || !how_.colours ? what : "\033[33m" + what + "\033[0m";
  }
  return text;
}

/// The best so far, from where there is one.
void draw_best(canvas& on, const std::vector<judged_trial>& feasible, const scale& x,
               const scale& y) {
  const auto column = [&](const judged_trial& one) {
    return on.column_of(x.share_of(static_cast<double>(one.row->number)));
  };
  const auto row = [&](const judged_trial& one) { return on.row_of(y.share_of(one.value)); };
  const auto last = on.column_of(1);
  const judged_trial* best = &feasible.front();
  auto from = column(*best);
  const auto along = [&](std::size_t till) {
    for (auto c = from; c < till; ++c) on.line(c, row(*best), "\xE2\x94\x80", '-');
  };
  for (const auto& one : feasible) {
    if (one.loss >= best->loss) continue;
    const auto to = column(one);
    along(to);
    const auto old_row = row(*best);
    const auto new_row = row(one);
    if (old_row != new_row) {
      const bool falls = new_row > old_row;
      for (auto r = std::min(old_row, new_row) + 1; r < std::max(old_row, new_row); ++r)
        on.line(to, r, "\xE2\x94\x82", '|');
      on.line(to, old_row, falls ? "\xE2\x94\x90" : "\xE2\x94\x98", '+');
      on.line(to, new_row, falls ? "\xE2\x94\x94" : "\xE2\x94\x8C", '+');
    }
    best = &one;
    from = old_row == new_row ? to : to + 1;
  }
  along(last + 1);
}

std::string label(const std::string& text) {
  return std::string(label_columns - std::min(label_columns, text.size()), ' ') + text + " ";
}

}  // namespace

std::string terminal_history(const subject& what, const terminal_look& how) {
  auto complete = judged_trials(what);
  std::erase_if(complete, [](const judged_trial& one) { return !std::isfinite(one.value); });
  if (complete.size() < 2) return {};
  std::vector<double> values;
  for (const auto& one : complete) values.push_back(one.value);
  const auto y = scale::of_values(values);
  const auto x = scale::of_numbers(static_cast<double>(complete.front().row->number),
                                   static_cast<double>(complete.back().row->number));
  const auto columns =
      std::max<std::size_t>(10, how.columns - std::min(how.columns, label_columns + 2));
  canvas on(columns, how.rows, how);
  for (const auto& one : complete)
    on.dot(x.share_of(static_cast<double>(one.row->number)), y.share_of(one.value));
  if (const auto feasible = feasible_of(complete); !feasible.empty()) draw_best(on, feasible, x, y);

  std::vector<std::string> labels(how.rows);
  for (const double value : {std::ranges::min(values), std::ranges::max(values)})
    labels[on.row_of(y.share_of(value))] = short_number(value);
  const std::string wall = how.utf8 ? "\xE2\x94\x82" : "|";
  std::string text;
  for (std::size_t row = 0; row < how.rows; ++row)
    text += label(labels[row]) + wall + on.row_text(row) + "\n";
  std::string floor = how.utf8 ? "\xE2\x94\x94" : "+";
  for (std::size_t i = 0; i < columns; ++i) floor += how.utf8 ? "\xE2\x94\x80" : "-";
  text += label("") + floor + "\n";
  const auto first = std::to_string(complete.front().row->number);
  const auto last = std::to_string(complete.back().row->number);
  std::string middle = "trial";
  if (what.towards.size() > 1) middle += ", " + objective_name(what, what.objective);
  if (y.is_logarithmic()) middle += ", values on a log scale";
  const auto room = columns - std::min(columns, first.size() + last.size());
  const auto before = room > middle.size() ? (room - middle.size()) / 2 : 1;
  const auto after = room > middle.size() + before ? room - middle.size() - before : 1;
  return text + label("") + " " + first + std::string(before, ' ') + middle +
         std::string(after, ' ') + last + "\n";
}

}  // namespace fabric::plots
