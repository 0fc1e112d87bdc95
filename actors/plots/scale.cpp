#include "actors/plots/scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

namespace fabric::plots {

namespace {

constexpr double room_at_ends = 0.04;
constexpr double decades_for_logarithms = 3;

/// 1, 2 or 5 times a power of ten.
double nice_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/// With as many decimals as the step has; large and tiny ones by their exponent.
std::string tick_text(double value, double step) {
  std::array<char, 64> text{};
  const double most = std::max(std::abs(value), step);
  if (most >= 1e6 || most < 1e-4) {
    std::snprintf(text.data(), text.size(), "%.6g", value);
  } else {
    const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  }
  std::string out = text.data();
  // "1e+06" is "1e6" to people, "-0" is "0".
  if (const auto e = out.find('e'); e != std::string::npos) {
    auto digits = out.substr(e + 1);
    const bool is_negative = digits.front() == '-';
    digits.erase(0, std::min(digits.find_first_not_of("+-0"), digits.size()));
    out = out.substr(0, e + 1) + (is_negative ? "-" : "") + digits;
  }
  if (out.find_first_not_of("-0.") == std::string::npos) return "0";
  return out;
}

}  // namespace

scale scale::of_numbers(double low, double high, spacing how) {
  scale made;
  made.how_ = how;
  made.low_ = low;
  made.high_ = high;
  double from = made.along(low);
  double to = made.along(high);
  if (!(to > from)) {
    const double around = how == spacing::logarithmic ? 0.5 : std::max(std::abs(low) * 0.1, 0.5);
    from -= around;
    to += around;
  }
  // Halves and ends, because sums of doubles may be none.
  constexpr double most = std::numeric_limits<double>::max();
  const double room = (to / 2 - from / 2) * (2 * room_at_ends);
  made.from_ = std::max(from - room, -most);
  made.to_ = std::min(to + room, most);
  return made;
}

scale scale::of_values(const std::vector<double>& values) {
  double low = HUGE_VAL;
  double high = -HUGE_VAL;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  if (low > high) return of_numbers(0, 1);
  const bool spans = low > 0 && std::log10(high / low) >= decades_for_logarithms;
  return of_numbers(low, high, spans ? spacing::logarithmic : spacing::even);
}

scale scale::of_names(std::vector<std::string> names) {
  scale made;
  made.low_ = 0;
  made.high_ = static_cast<double>(names.size()) - 1;
  made.from_ = -0.5;
  made.to_ = made.high_ + 0.5;
  made.names_ = std::move(names);
  return made;
}

double scale::along(double value) const {
  return how_ == spacing::logarithmic ? std::log10(value) : value;
}

double scale::share_of(double value) const {
  if (how_ == spacing::logarithmic && value <= 0) return 0;
  const double share = (along(value) / 2 - from_ / 2) / (to_ / 2 - from_ / 2);
  return std::clamp(share, 0.0, 1.0);
}

std::vector<tick> scale::ticks(std::size_t most) const {
  if (names_.empty()) return how_ == spacing::logarithmic ? log_ticks(most) : even_ticks(most);
  std::vector<tick> all;
  const auto every = (names_.size() + most - 1) / most;
  for (std::size_t i = 0; i < names_.size(); i += every)
    all.push_back({share_of(static_cast<double>(i)), names_[i]});
  return all;
}

std::vector<tick> scale::even_ticks(std::size_t most) const {
  const double least = how_ == spacing::whole ? 1 : 0;
  const double step =
      nice_step(std::max(least, (to_ / 2 - from_ / 2) / static_cast<double>(most) * 2));
  std::vector<tick> all;
  const auto first = std::ceil(from_ / step);
  for (double k = first; k * step <= to_ && all.size() < 2 * most; ++k)
    all.push_back({share_of(k * step), tick_text(k * step, step)});
  return all;
}

std::vector<tick> scale::log_ticks(std::size_t most) const {
  const double decades = to_ - from_;
  std::vector<tick> all;
  const auto add = [&](double value) {
    const double at = along(value);
    if (at >= from_ && at <= to_) all.push_back({share_of(value), tick_text(value, value)});
  };
  const double every = std::max(1.0, std::ceil(decades / static_cast<double>(most)));
  for (double power = std::floor(from_); power <= to_; ++power) {
    if (std::fmod(power, every) == 0) add(std::pow(10, power));
    if (decades >= 2) continue;
    add(2 * std::pow(10, power));
    add(5 * std::pow(10, power));
  }
  if (all.size() >= 2) return all;
  all.clear();  // within one step of such marks: even ones are as good
  const double low = std::pow(10, from_);
  const double high = std::pow(10, to_);
  const double step = nice_step((high - low) / static_cast<double>(most));
  for (double k = std::ceil(low / step); k * step <= high; ++k)
    all.push_back({share_of(k * step), tick_text(k * step, step)});
  return all;
}

parameter_scale::parameter_scale(const subject& what, std::size_t parameter)
    : parameter_(parameter), over_(what.over), title_(what.over->parameters()[parameter].name) {
  using spacing = scale::spacing;
  const auto& p = what.over->parameters()[parameter];
  if (const auto* whole = std::get_if<tuner::int_range>(&p.over)) {
    along_ = scale::of_numbers(static_cast<double>(whole->low), static_cast<double>(whole->high),
                               whole->log ? spacing::logarithmic : spacing::whole);
  } else if (const auto* real = std::get_if<tuner::float_range>(&p.over)) {
    along_ =
        scale::of_numbers(real->low, real->high, real->log ? spacing::logarithmic : spacing::even);
  } else {
    std::map<tuner::coordinate, std::string> occurring;
    for (const auto& row : what.trials) {
      const auto at = coordinate_of(row, parameter);
      if (at && !occurring.contains(*at))
        occurring.emplace(*at, what.over->text_of(row.where, parameter));
    }
    std::vector<std::string> names;
    for (auto& [at, name] : occurring) {
      choices_.push_back(at);
      names.push_back(std::move(name));
    }
    along_ = scale::of_names(std::move(names));
  }
  if (along_.is_logarithmic()) title_ += " (log)";
}

std::optional<double> parameter_scale::share_of(const tuner::trial& row) const {
  const auto at = coordinate_of(row, parameter_);
  if (!at) return std::nullopt;
  const auto value = over_->value_of(row.where, parameter_);
  if (const auto* whole = std::get_if<std::int64_t>(&value))
    return along_.share_of(static_cast<double>(*whole));
  if (const auto* real = std::get_if<double>(&value)) return along_.share_of(*real);
  const auto found = std::ranges::lower_bound(choices_, *at);
  return along_.share_of(static_cast<double>(found - choices_.begin()));
}

}  // namespace fabric::plots
