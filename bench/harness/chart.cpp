#include "bench/harness/chart.hpp"

#include <algorithm>
#include <cmath>

#include "actors/plots/svg.hpp"
#include "bench/harness/chart_style.hpp"
#include "bench/harness/curves.hpp"

namespace fabric::bench {

namespace {

using plots::svg;

constexpr double width = 1340;
constexpr double margin = 24;
constexpr double row_height = 22;
constexpr double scale_left = 400;   // of the scale; left of it are the figures' names
constexpr double scale_right = 790;  // right of it what was measured

/// How many times as good as the floor a value is: above 1 is better, of times as of rates.
double against_floor(const measurement& m, double value) {
  return less_is_better(m) ? *m.floor / value : value / *m.floor;
}

/// The aim on the same scale.
double aim_against_floor(const measurement& m) {
  if (m.wanted->of == aim::measure::value) return against_floor(m, m.wanted->limit);
  return less_is_better(m) ? 1 / m.wanted->limit : m.wanted->limit;
}

double own_ratio(const measurement& m) { return less_is_better(m) ? 1 / *m.ratio : *m.ratio; }

/// A logarithmic scale of whole decades.
struct scale {
  int lowest = -1;  ///< powers of ten
  int highest = 1;

  void cover(double value) {
    if (!(value > 0) || !std::isfinite(value)) return;
    lowest = std::min(lowest, static_cast<int>(std::floor(std::log10(value))));
    highest = std::max(highest, static_cast<int>(std::ceil(std::log10(value))));
  }
  [[nodiscard]] double at(double value) const {
    const double share = (std::log10(value) - lowest) / (highest - lowest);
    return scale_left + std::clamp(share, 0.0, 1.0) * (scale_right - scale_left);
  }
};

bool has_bar(const measurement& m) { return m.floor && m.ratio && *m.ratio > 0 && !m.point; }

scale scale_of(const std::vector<measurement>& figures) {
  scale found;
  for (const auto& m : figures) {
    if (!has_bar(m)) continue;
    found.cover(own_ratio(m));
    if (m.wanted) found.cover(aim_against_floor(m));
    if (m.published) found.cover(against_floor(m, m.published->value));
  }
  return found;
}

std::string decade_text(int power) {
  if (power >= 0) return std::to_string(static_cast<long>(std::pow(10, power))) + "x";
  return "1/" + std::to_string(static_cast<long>(std::pow(10, -power))) + "x";
}

void draw_axis(svg& to, const scale& along, double top, double bottom) {
  for (int power = along.lowest; power <= along.highest; ++power) {
    const double x = along.at(std::pow(10, power));
    to.line(x, top, x, bottom, power == 0 ? "floor" : "rule");
    to.text(x, top - 6, decade_text(power), "faint middle");
  }
}

std::string floor_text(const measurement& m) {
  std::string text = "floor " + number_text(*m.floor) + ": " + m.floor_name;
  constexpr std::size_t most = 62;
  if (text.size() > most) text = text.substr(0, most - 2) + "...";
  return text;
}

void draw_row(svg& to, const scale& along, const measurement& m, double y) {
  const double middle = y + row_height / 2;
  const double base = middle + 4;
  to.text(scale_left - 12, base, m.figure, "end");
  const auto met = is_met(m);
  if (has_bar(m)) {
    const double from = along.at(1);
    const double x = along.at(own_ratio(m));
    to.rectangle(std::min(from, x), middle - 5, std::max(std::abs(x - from), 1.0), 10, "ours");
    if (m.published) to.circle(along.at(against_floor(m, m.published->value)), middle, 4, "rival");
    if (m.wanted) {
      const double at = along.at(aim_against_floor(m));
      to.line(at, middle - 9, at, middle + 9, "aim");
    }
  }
  to.text(scale_right + 100, base, number_text(m.value) + " " + m.unit,
          met ? *met ? "end met" : "end missed" : "end");
  if (m.floor) to.text(scale_right + 110, base, floor_text(m), "faint");
}

void draw_key(svg& to, double y) {
  double x = margin;
  const auto next = [&](const std::string& what) {
    to.text(x + 18, y + 4, what, "faint");
    x += 36 + 6.2 * static_cast<double>(what.size());
  };
  to.rectangle(x, y - 5, 12, 10, "ours");
  next("ours; right of 1x is better than the floor");
  to.line(x + 6, y - 9, x + 6, y + 9, "aim");
  next("the aim");
  to.circle(x + 6, y, 4, "rival");
  next("published by Ray, on its machine (64 vCPUs and more)");
  to.text(x, y + 4, "green: aim met", "faint met");
  to.text(x + 100, y + 4, "red: aim missed", "faint missed");
}

}  // namespace

std::string chart_of(const std::vector<measurement>& figures, const std::string& heading) {
  svg to;
  double y = margin + 18;
  to.text(margin, y, "fabric-bench: each figure beside its floor of the same run", "title");
  y += 20;
  to.text(margin, y, heading, "faint");
  y += 26;
  draw_key(to, y);
  y += 30;

  const auto along = scale_of(figures);
  for (std::size_t i = 0; i < figures.size();) {
    auto end = i;
    while (end < figures.size() && figures[end].case_name == figures[i].case_name) ++end;
    std::vector<const measurement*> rows;
    for (; i < end; ++i)
      if (!figures[i].point) rows.push_back(&figures[i]);
    if (rows.empty()) continue;
    y += 30;
    to.text(margin, y - 6, rows.front()->case_name, "head");
    const double bottom = y + row_height * static_cast<double>(rows.size());
    draw_axis(to, along, y, bottom);
    for (const auto* m : rows) {
      draw_row(to, along, *m, y);
      y += row_height;
    }
  }
  y = draw_curves(to, figures, {margin, y + 30, width - margin});
  return to.file(width, y + margin, chart_style());
}

}  // namespace fabric::bench
