#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
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

/// What an evaluation found, for studies of several objectives or with constraints. A plain value
/// that travels.
struct finding {
  std::vector<double> values{};       ///< one an objective, in the order of the study's directions
  std::vector<double> constraints{};  ///< each is met where it is not above 0

  bool operator==(const finding&) const = default;
};
FABRIC_PACK(finding, values, constraints);

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

template <class T>
concept one_number = requires(const T& found) {
  static_cast<double>(found);
};
template <class T>
concept some_numbers =
    std::ranges::input_range<const T> && std::floating_point<std::ranges::range_value_t<const T>>;
template <class T>
inline constexpr bool is_tuple_of_numbers = false;
template <class... E>
inline constexpr bool is_tuple_of_numbers<std::tuple<E...>> = (one_number<E> && ...);
template <class A, class B>
inline constexpr bool is_tuple_of_numbers<std::pair<A, B>> = one_number<A>&& one_number<B>;

/// What objectives may answer.
template <class T>
concept says_what_it_found =
    std::same_as<T, finding> || one_number<T> || some_numbers<T> || is_tuple_of_numbers<T>;

template <says_what_it_found T>
finding finding_of(const T& found) {
  if constexpr (std::same_as<T, finding>) {
    return found;
  } else if constexpr (one_number<T>) {
    return {.values = {static_cast<double>(found)}};
  } else if constexpr (some_numbers<T>) {
    finding made;
    for (const auto each : found) made.values.push_back(static_cast<double>(each));
    return made;
  } else {
    return std::apply(
        [](const auto&... each) { return finding{.values = {static_cast<double>(each)...}}; },
        found);
  }
}

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
