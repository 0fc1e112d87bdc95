#include <cmath>
#include <nlohmann/json.hpp>

#include "actors/store/distribution.hpp"
#include "actors/store/journal_record.hpp"
#include "scheduler/tuner/choice_list.hpp"
#include "scheduler/tuner/decimal.hpp"
#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/json_value.hpp"

/// What Optuna's distributions say.
namespace fabric::store {

namespace {

using json = nlohmann::json;
using range_type = decltype(tuner::parameter::over);

/// Reads the distribution of one parameter. All throw json::exception where something is missing or
/// of another type.
class distribution_reader {
 public:
  distribution_reader(std::string_view name, std::string_view text) : name_(name), text_(text) {}

  [[nodiscard]] result<range_type> read() const {
    const auto whole = read_python_json(text_);
    const bool is_long = whole.is_object() && whole.contains("name");
    const auto kind = whole.at(is_long ? "name" : "type").get<std::string>();
    const auto& attributes = is_long ? whole.at("attributes") : whole;
    if (kind == "IntDistribution" || kind == "int") return whole_numbers(attributes);
    if (kind == "FloatDistribution" || kind == "float") return reals(attributes);
    if (kind == "CategoricalDistribution" || kind == "categorical") return choices(is_long);
    return bad("its distribution is of the unknown kind " + tuner::shown(kind),
               "where Optuna before 3.0 wrote it, run `optuna storage upgrade`");
  }

  [[nodiscard]] fault unreadable() const {
    return bad("its distribution cannot be read: " + tuner::shown(text_),
               "was it written by another program than Optuna?");
  }

 private:
  [[nodiscard]] fault bad(const std::string& what, std::string hint) const {
    auto why = tuner::parameter_fault(name_, what, std::move(hint));
    why.code = fault_code::bad_message;
    return why;
  }

  [[nodiscard]] result<std::int64_t> whole(const json& value) const {
    const bool is_beyond =
        value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX};
    if (value.is_number_integer() && !is_beyond) return value.get<std::int64_t>();
    return bad("its range has " + value.dump() + ", which is no whole number of 64 bits",
               "give it a smaller range: others cannot be kept exactly");
  }

  [[nodiscard]] result<range_type> whole_numbers(const json& attributes) const {
    const auto low = whole(attributes.at("low"));
    if (!low) return low.error();
    const auto high = whole(attributes.at("high"));
    if (!high) return high.error();
    const auto step = attributes.value("step", json());
    const auto by = step.is_null() ? result<std::int64_t>(1) : whole(step);
    if (!by) return by.error();
    return range_type(tuner::int_range{*low, *high, *by, attributes.value("log", false)});
  }

  [[nodiscard]] result<range_type> reals(const json& attributes) const {
    tuner::float_range range;
    range.low = attributes.at("low").get<double>();
    range.high = attributes.at("high").get<double>();
    range.log = attributes.value("log", false);
    const auto step = attributes.value("step", json());
    if (step.is_null()) return range_type(range);
    range.step = step.get<double>();
    if (!std::isfinite(range.low) || !std::isfinite(*range.step)) return unreadable();
    range.exact_low = tuner::decimal_of(range.low);
    range.exact_step = tuner::decimal_of(*range.step);
    return range_type(range);
  }

  /// From the text as it stands, so that no number is rounded on its way.
  [[nodiscard]] result<range_type> choices(bool is_long) const {
    const auto attributes = is_long ? tuner::json_member(text_, "attributes") : text_;
    const auto list = attributes ? tuner::json_member(*attributes, "choices") : std::nullopt;
    const auto all = list ? tuner::json_elements(*list) : std::nullopt;
    if (!all) return unreadable();
    tuner::category made;
    for (const auto text : *all) {
      auto choice = tuner::canonical_choice(text);
      if (!choice)
        return bad("its choice " + tuner::shown(text) + " cannot be kept exactly",
                   "numbers beyond 64 bits and text with NUL or half a character must be spelled "
                   "otherwise, as text");
      made.choices.push_back(*std::move(choice));
    }
    return range_type(std::move(made));
  }

  std::string_view name_;
  std::string_view text_;
};

}  // namespace

result<tuner::parameter> parameter_of_distribution(std::string_view name, std::string_view text) {
  const distribution_reader reader(name, text);
  try {
    auto over = reader.read();
    if (!over) return std::move(over).error();
    tuner::parameter made{std::string(name), *std::move(over)};
    if (auto good = tuner::check(made); !good)
      return fault{fault_code::bad_message, good.error().detail, good.error().hint};
    return made;
  } catch (const json::exception&) {
    return reader.unreadable();
  }
}

}  // namespace fabric::store
