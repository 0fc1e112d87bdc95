#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "fabric/pack.hpp"

namespace fabric {

/// A parameter's value: an int's, a float's, or the JSON text of a choice ("\"adam\"", "3",
/// "true").
using parameter_value = std::variant<std::int64_t, double, std::string>;

/// What an objective hears when it says how far it is.
enum class verdict : std::uint8_t { go_on, stop };

/// A point to evaluate: what `study::ask` gives and objectives take. A plain value that travels.
struct trial {
  std::string study;  ///< names the study within the program that asked
  std::uint64_t number = 0;
  std::uint32_t attempt = 1;  ///< how often the point was handed out
  /// The active parameters, in the space's order.
  std::vector<std::pair<std::string, parameter_value>> params{};

  /// False also where the parameter is not active in this point.
  [[nodiscard]] bool has(std::string_view name) const;

  /// The value of a parameter: `t.get<double>("lr")`, also of an int; `get<int>("layers")` of an
  /// int or a whole choice; `get<bool>`, `get<std::string>` of a choice (a string without its
  /// quotes). Throws usage_error, naming the parameter: there is none, or its value is no T.
  template <class T>
  [[nodiscard]] T get(std::string_view name) const;

  /// {"x":3,"lr":0.1,"opt":"adam"}
  [[nodiscard]] std::string json() const;

  /// Within a function that `study::optimize` runs: says how far it is, and hears from the study's
  /// pruner whether to go on. Waits for the answer; the value is stored then. Steps are from 0 to
  /// 2^31 - 1, each once. A trial that was told to stop is PRUNED however it ends: return what you
  /// have, or throw trial_pruned. Throws usage_error (elsewhere; the step was reported with another
  /// value; the trial is over or another attempt has it).
  [[nodiscard]] verdict report(std::int64_t step, double value) const;

  bool operator==(const trial&) const = default;
};
FABRIC_PACK(trial, study, number, attempt, params);

/// For an objective that was told to stop.
class trial_pruned : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "told to stop"; }
};

namespace detail {

std::int64_t whole_value(const trial& of, std::string_view name, std::int64_t low,
                         std::uint64_t high);
double real_value(const trial& of, std::string_view name);
bool truth_value(const trial& of, std::string_view name);
std::string text_value(const trial& of, std::string_view name);

}  // namespace detail

template <class T>
T trial::get(std::string_view name) const {
  if constexpr (std::same_as<T, bool>) {
    return detail::truth_value(*this, name);
  } else if constexpr (std::integral<T>) {
    using limits = std::numeric_limits<T>;
    return static_cast<T>(detail::whole_value(*this, name, static_cast<std::int64_t>(limits::min()),
                                              static_cast<std::uint64_t>(limits::max())));
  } else if constexpr (std::floating_point<T>) {
    return static_cast<T>(detail::real_value(*this, name));
  } else {
    static_assert(std::same_as<T, std::string>,
                  "fabric: a parameter is a bool, an integer, a floating-point number or a string");
    return detail::text_value(*this, name);
  }
}

}  // namespace fabric
