#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "scheduler/tuner/choice_list.hpp"
#include "scheduler/tuner/float_grid.hpp"
#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/json_value.hpp"
#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

namespace {

struct wrong {
  std::string what;
  std::string remedy;
};

using flaw = std::optional<wrong>;

flaw empty_range(const std::string& low, const std::string& high) {
  return wrong{"the range from " + low + " to " + high + " is empty", "give the lower bound first"};
}

flaw check_range(const int_range& range) {
  if (range.low > range.high)
    return empty_range(std::to_string(range.low), std::to_string(range.high));
  if (range.step < 1)
    return wrong{"the step " + std::to_string(range.step) + " is not positive",
                 "give a step of 1 or more"};
  if (range.log && range.step != 1)
    return wrong{"log and a step exclude each other", "leave one of them out"};
  if (range.log && range.low < 1)
    return wrong{"log needs a low of 1 or more, not " + std::to_string(range.low),
                 "raise low or leave log out"};
  return std::nullopt;
}

flaw check_grid(const float_range& range) {
  if (!(*range.step > 0))
    return wrong{"the step " + shortest_text(*range.step) + " is not positive",
                 "give a step above 0"};
  if (range.log) return wrong{"log and a step exclude each other", "leave one of them out"};
  if (nearest_double(range.exact_low.digits, range.exact_low.exponent) != range.low ||
      nearest_double(range.exact_step.digits, range.exact_step.exponent) != *range.step)
    return wrong{"the exact low or step is another number than the rounded one",
                 "fill them with decimal_of"};
  if (std::min(range.exact_low.exponent, range.exact_step.exponent) < grid_exponent_min)
    return wrong{"a grid cannot be finer than 1e-300", "give low and step fewer decimal places"};
  if (!grid_of(range))
    return wrong{"a grid from " + shortest_text(range.low) + " by " + shortest_text(*range.step) +
                     " to " + shortest_text(range.high) +
                     " needs more digits than doubles keep apart",
                 "give low and step fewer digits, or make the range shorter"};
  return std::nullopt;
}

flaw check_range(const float_range& range) {
  if (!std::isfinite(range.low) || !std::isfinite(range.high) ||
      (range.step && !std::isfinite(*range.step)))
    return wrong{"a bound or step is not finite", "give plain numbers"};
  if (range.low > range.high)
    return empty_range(shortest_text(range.low), shortest_text(range.high));
  if (range.step) return check_grid(range);
  if (range.log && !(range.low > 0))
    return wrong{"log needs a low above 0, not " + shortest_text(range.low),
                 "raise low or leave log out"};
  return std::nullopt;
}

flaw check_range(const category& list) {
  if (list.choices.empty())
    return wrong{"there is no choice", "name at least one, as in choice(a,b)"};
  if (list.choices.size() > choices_max)
    return wrong{std::to_string(list.choices.size()) + " choices are too many",
                 "at most " + std::to_string(choices_max) + " are possible"};
  std::unordered_set<std::string_view> seen;
  for (const auto& choice : list.choices) {
    if (choice.size() > choice_bytes_max)
      return wrong{"the choice " + shown(choice) + " is too long",
                   "at most " + std::to_string(choice_bytes_max) + " bytes are possible"};
    if (canonical_choice(choice) != choice)
      return wrong{"the choice " + shown(choice) + " is no JSON value in its plain spelling",
                   "fill choices with canonical_choice"};
    if (!seen.insert(choice).second)
      return wrong{"the choice " + shown(choice_text(choice)) + " is given twice",
                   "give each choice once"};
  }
  return std::nullopt;
}

flaw check_condition(const condition& c) {
  if (!is_parameter_name(c.parent))
    return wrong{"its condition is on " + shown(c.parent) + ", which is no parameter name",
                 "name an earlier parameter"};
  if (c.values.empty() || (c.is != condition::relation::among && c.values.size() != 1))
    return wrong{"its condition has not the right number of values", "give it one"};
  for (const auto& value : c.values)
    if (value.size() > choice_bytes_max || canonical_choice(value) != value)
      return wrong{"its condition's value " + shown(value) +
                       " is no JSON value in its plain spelling, or too long",
                   "fill values with canonical_choice"};
  return std::nullopt;
}

}  // namespace

result<void> check(const parameter& p) {
  if (!is_parameter_name(p.name))
    return fault{fault_code::usage, shown(p.name) + " is no parameter name",
                 "a name is UTF-8 text of 1 to 512 characters without control characters"};
  auto found = std::visit([](const auto& range) { return check_range(range); }, p.over);
  if (!found && p.only_if) found = check_condition(*p.only_if);
  if (!found) return {};
  return parameter_fault(p.name, found->what, found->remedy);
}

std::optional<std::string> canonical_choice(std::string_view json) { return canonical_json(json); }

}  // namespace fabric::tuner
