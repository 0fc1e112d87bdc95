#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>

#include "actors/plots/characters.hpp"
#include "actors/plots/lanes.hpp"
#include "actors/plots/look.hpp"
#include "actors/plots/plots.hpp"

namespace fabric::plots {

namespace {

using tuner::trial_state;

constexpr std::size_t lanes_most = 60;
constexpr std::size_t nodes_most = 30;
constexpr double plot_left = 150;
constexpr double node_gap = 10;
constexpr double narrow = 2;  // bars like that are joined where they touch

// Time along the axis.

constexpr std::array<double, 21> nice_seconds = {0.01, 0.1,  0.5,   1,     2,     5,      10,
                                                 15,   30,   60,    120,   300,   600,    1800,
                                                 3600, 7200, 21600, 43200, 86400, 604800, 2592000};

struct time_unit {
  double seconds;
  const char* name;
};
constexpr std::array<time_unit, 4> units = {{{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}}};

time_unit unit_of(double seconds) {
  for (const auto& unit : units)
    if (seconds >= unit.seconds) return unit;
  return units.back();
}

std::string utc_text(std::int64_t ms) {
  const std::chrono::sys_seconds at{std::chrono::seconds{ms / 1000}};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text.data();
}

struct time_axis {
  std::int64_t first_ms = 0;
  double seconds = 1;
  double left = plot_left;
  double right = picture_width - 20;

  [[nodiscard]] double x(std::int64_t ms) const {
    const double since = static_cast<double>(ms - first_ms) / 1000;
    return left + since / seconds * (right - left);
  }
};

void draw_time_axis(svg& to, const time_axis& along, double bottom) {
  double step = nice_seconds.back();
  for (const double nice : nice_seconds) {
    if (along.seconds / nice > 10) continue;
    step = nice;
    break;
  }
  const auto unit = unit_of(std::max(step, 1.0));
  for (double at = 0; at <= along.seconds * (1 + 1e-9); at += step) {
    const double x = along.left + at / along.seconds * (along.right - along.left);
    to.line(x, 0, x, bottom, "rule");
    to.text(x, bottom + 15, short_number(at / unit.seconds), "faint middle");
  }
  to.line(along.left, bottom, along.right, bottom, "axis");
  to.text((along.left + along.right) / 2, bottom + 32,
          std::string{unit.name} + " since " + utc_text(along.first_ms), "faint middle");
}

// Bars.

/// A run, or several that are too narrow to be told apart.
struct bar {
  double left = 0;
  double right = 0;
  std::vector<const run*> of;

  [[nodiscard]] bool is_narrow() const { return right - left < narrow; }
};

std::vector<bar> bars_of(const std::vector<run>& lane, const time_axis& along) {
  std::vector<bar> all;
  for (const auto& one : lane) {
    bar next{along.x(one.start_ms), along.x(one.end_ms), {&one}};
    next.right = std::max(next.right, next.left + 1);
    const bool joins = !all.empty() && next.left - all.back().right < 1 && next.is_narrow() &&
                       all.back().is_narrow();
    if (!joins) {
      all.push_back(std::move(next));
      continue;
    }
    all.back().right = std::max(all.back().right, next.right);
    all.back().of.push_back(&one);
  }
  return all;
}

using state_counts = std::map<trial_state, std::size_t>;

state_counts states_of(const bar& one) {
  state_counts counts;
  for (const auto* each : one.of) ++counts[each->row->state];
  return counts;
}

std::string bar_hover(const subject& what, const bar& one) {
  const auto& first = *one.of.front();
  if (one.of.size() > 1) {
    std::string text =
        std::to_string(one.of.size()) + " trials from " + std::to_string(first.row->number) + " on";
    for (const auto& [state, count] : states_of(one))
      text += ", " + std::to_string(count) + " " + std::string{look_of(state)};
    return text;
  }
  const double seconds = static_cast<double>(first.end_ms - first.start_ms) / 1000;
  std::string text = hover_text(what, *first.row) + ", " + short_number(seconds) + " s";
  if (first.row->attempt > 1) text += ", attempt " + std::to_string(first.row->attempt);
  return text;
}

/// What most of its trials are.
trial_state state_of(const bar& one) {
  const auto counts = states_of(one);
  return std::ranges::max_element(counts, {}, [](const auto& each) { return each.second; })->first;
}

void draw_lane(svg& to, const subject& what, const std::vector<run>& lane, const time_axis& along,
               double y, double height) {
  for (const auto& one : bars_of(lane, along)) {
    const double wide = one.right - one.left;
    to.rectangle(one.left, y, wide, height, std::string{look_of(state_of(one))} + " bar",
                 bar_hover(what, one));
    const auto attempts = one.of.front()->row->attempt;
    if (one.of.size() > 1 || attempts < 2) continue;
    const auto attempt = "#" + std::to_string(attempts);
    if (height >= 12 && wide > width_of(attempt, 11) + 4)
      to.text(one.left + wide / 2, y + height / 2 + 4, attempt, "on middle");
    else
      to.line(one.left + 1, y, one.left + 1, y + height, "again");
  }
}

std::vector<key_entry> key_of(const std::vector<node_lanes>& nodes) {
  std::vector<key_entry> key;
  for (const auto state : {trial_state::complete, trial_state::pruned, trial_state::fail,
                           trial_state::running, trial_state::waiting}) {
    std::size_t count = 0;
    for (const auto& node : nodes)
      for (const auto& lane : node.lanes)
        for (const auto& one : lane) count += one.row->state == state ? 1U : 0U;
    if (count > 0)
      key.push_back({key_entry::shape::bar, std::string{look_of(state)},
                     std::to_string(count) + " " + std::string{look_of(state)}});
  }
  return key;
}

/// Cuts off what a picture has no room for; answers how many trials that are.
std::size_t cut(std::vector<node_lanes>& nodes) {
  std::size_t hidden = 0;
  const auto drop = [&hidden](const std::vector<run>& lane) { hidden += lane.size(); };
  while (nodes.size() > nodes_most) {
    for (const auto& lane : nodes.back().lanes) drop(lane);
    nodes.pop_back();
  }
  const auto most = std::max<std::size_t>(1, lanes_most / std::max<std::size_t>(1, nodes.size()));
  for (auto& node : nodes) {
    for (; node.lanes.size() > most; node.lanes.pop_back()) drop(node.lanes.back());
  }
  return hidden;
}

}  // namespace

picture draw_timeline(const subject& what) {
  constexpr std::string_view title = "Timeline";
  auto nodes = lanes_of(what);
  if (nodes.empty())
    return empty_picture(title, what.trials.empty() ? no_values(what) : "no trial has begun");
  auto key = key_of(nodes);
  const auto hidden = cut(nodes);
  time_axis along{.first_ms = INT64_MAX};
  std::int64_t last = 0;
  std::size_t lanes = 0;
  bool some_again = false;
  for (const auto& node : nodes) {
    lanes += node.lanes.size();
    for (const auto& lane : node.lanes) {
      along.first_ms = std::min(along.first_ms, lane.front().start_ms);
      last = std::max(last, lane.back().end_ms);
      for (const auto& one : lane) some_again = some_again || one.row->attempt > 1;
    }
  }
  along.seconds = std::max(0.001, static_cast<double>(last - along.first_ms) / 1000);

  const double lane_height = lanes <= 12 ? 20 : lanes <= 30 ? 13 : 8;
  double bottom = 4;
  for (const auto& node : nodes)
    bottom += lane_height * static_cast<double>(node.lanes.size()) + node_gap;
  svg shapes;
  draw_time_axis(shapes, along, bottom);
  double y = 4;
  for (const auto& node : nodes) {
    const auto name = node.node.empty() ? std::string{"(node not known)"} : node.node;
    const double high = lane_height * static_cast<double>(node.lanes.size());
    const auto fits = shortened(name, plot_left - 28, 12);
    shapes.text(plot_left - 10, y + high / 2 + 4, fits, "end", fits == name ? "" : name);
    for (const auto& lane : node.lanes) {
      draw_lane(shapes, what, lane, along, y + 1, lane_height - 2);
      y += lane_height;
    }
    y += node_gap;
  }

  svg to;
  const auto top = draw_heading(
      to, title,
      {hidden == 0 ? ""
                   : counted(hidden, "trial", "trials") + " for which there is no room left out",
       some_again ? "#2: the second attempt; of earlier ones no times are kept" : ""});
  draw_key(to, key);
  to.place(0, top, shapes.shapes());
  return {top + bottom + 44, to.shapes()};
}

}  // namespace fabric::plots
