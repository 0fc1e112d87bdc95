#include "actors/store/distribution.hpp"

#include <cmath>

#include "scheduler/tuner/choice_list.hpp"
#include "scheduler/tuner/float_grid.hpp"
#include "scheduler/tuner/json_text.hpp"

namespace fabric::store {

namespace {

/// How far from its place on a grid Optuna lets a value be, in steps.
constexpr double place_tolerance = 1e-8;
constexpr std::int64_t exact_in_double_max = std::int64_t{1} << 53;

const char* boolean(bool b) { return b ? "true" : "false"; }

std::string distribution(std::string_view name, const std::string& attributes) {
  return "{\"name\": \"" + std::string(name) + "\", \"attributes\": {" + attributes + "}}";
}

std::string text_of(const tuner::int_range& range) {
  // Optuna warns about an end that is not on the grid.
  const auto steps =
      (static_cast<std::uint64_t>(range.high) - static_cast<std::uint64_t>(range.low)) /
      static_cast<std::uint64_t>(range.step);
  const auto last = static_cast<std::int64_t>(static_cast<std::uint64_t>(range.low) +
                                              steps * static_cast<std::uint64_t>(range.step));
  return distribution("IntDistribution", std::string("\"log\": ") + boolean(range.log) +
                                             ", \"step\": " + std::to_string(range.step) +
                                             ", \"low\": " + std::to_string(range.low) +
                                             ", \"high\": " + std::to_string(last));
}

/// The end of the range where a value is there. Else the last value, because Optuna warns about an
/// end that is not on the grid.
double last_of(const tuner::float_range& range) {
  const auto grid = range.step ? tuner::grid_of(range) : std::nullopt;
  if (!grid) return range.high;
  const double last = grid->at(grid->count - 1);
  const bool is_rounded = std::holds_alternative<tuner::rounded_grid>(grid->by);
  return is_rounded && std::abs(range.high - last) < place_tolerance * *range.step ? range.high
                                                                                   : last;
}

std::string text_of(const tuner::float_range& range) {
  return distribution("FloatDistribution",
                      "\"step\": " + (range.step ? tuner::json_float(*range.step) : "null") +
                          ", \"low\": " + tuner::json_float(range.low) + ", \"high\": " +
                          tuner::json_float(last_of(range)) + ", \"log\": " + boolean(range.log));
}

std::string text_of(const tuner::category& category) {
  std::string list;
  for (const auto& choice : category.choices) list.append(list.empty() ? "" : ", ").append(choice);
  return distribution("CategoricalDistribution", "\"choices\": [" + list + "]");
}

/// The grid value nearest to `x`, where `x` is as near to it as Optuna demands.
std::optional<double> on_grid(const tuner::parameter& p, double x) {
  const auto* range = std::get_if<tuner::float_range>(&p.over);
  const auto grid = range != nullptr && range->step ? tuner::grid_of(*range) : std::nullopt;
  if (!grid) return std::nullopt;
  const double steps = (x - range->low) / *range->step;
  const double nearest = std::round(steps);
  const bool is_inside = nearest >= 0 && nearest < static_cast<double>(grid->count);
  if (!is_inside || std::abs(steps - nearest) > place_tolerance) return std::nullopt;
  return grid->at(static_cast<std::uint64_t>(nearest));
}

}  // namespace

result<void> check_storable(const tuner::parameter& p) {
  const auto* range = std::get_if<tuner::int_range>(&p.over);
  const bool fits = range == nullptr ||
                    (range->low >= -exact_in_double_max && range->high <= exact_in_double_max);
  if (fits) return {};
  return tuner::parameter_fault(
      p.name, "it goes beyond 2^53, and Optuna's tables hold whole numbers exactly up to there",
      "use a smaller range, or a choice");
}

std::string distribution_text(const tuner::parameter& p) {
  return std::visit([](const auto& range) { return text_of(range); }, p.over);
}

double internal_value(const tuner::space& over, const tuner::point& where, std::size_t index) {
  if (std::holds_alternative<tuner::category>(over.parameters()[index].over)) {
    return static_cast<double>(where[index]);
  }
  const auto value = over.value_of(where, index);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::get<double>(value);
}

std::optional<std::string> json_of_internal(const tuner::parameter& wrote, double internal) {
  if (!std::isfinite(internal)) return std::nullopt;
  if (std::holds_alternative<tuner::float_range>(wrote.over)) return tuner::json_float(internal);
  if (internal != std::floor(internal) || std::abs(internal) >= 0x1p63) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(internal);
  const auto* list = std::get_if<tuner::category>(&wrote.over);
  if (list == nullptr) return std::to_string(whole);
  const bool is_index = whole >= 0 && whole < static_cast<std::int64_t>(list->choices.size());
  return is_index ? std::optional{list->choices[static_cast<std::size_t>(whole)]} : std::nullopt;
}

value_reader::value_reader(const tuner::space& over, std::size_t index, std::string distribution)
    : over_(&over), index_(index), text_(std::move(distribution)) {
  const auto wrote = parameter_of_distribution(over.parameters()[index].name, text_);
  if (!wrote) return;
  const auto* category = std::get_if<tuner::category>(&wrote->over);
  kind_ = category == nullptr ? kind::number : kind::choice;
  if (category == nullptr) return;
  for (const auto& choice : category->choices) {
    choices_.push_back(over.coordinate_of(choice, index));
  }
}

std::optional<tuner::coordinate> value_reader::coordinate_of(double internal) const {
  if (kind_ == kind::unknown || !std::isfinite(internal)) return std::nullopt;
  if (kind_ == kind::choice) {
    const bool is_index = internal >= 0 && internal < static_cast<double>(choices_.size()) &&
                          internal == std::floor(internal);
    return is_index ? choices_[static_cast<std::size_t>(internal)] : std::nullopt;
  }
  if (auto exact = over_->coordinate_of(internal, index_)) return exact;
  const auto snapped = on_grid(over_->parameters()[index_], internal);
  return snapped ? over_->coordinate_of(*snapped, index_) : std::nullopt;
}

}  // namespace fabric::store
