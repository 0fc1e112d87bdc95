#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/tuner/decimal.hpp"
#include "scheduler/tuner/parameter_name.hpp"
#include "scheduler/tuner/space_tree.hpp"

/// Search spaces. A point of a discrete space is a vector of grid indices, so two equal points are
/// equal integers on every machine; doubles are never compared and grids never accumulate a step.
namespace fabric::tuner {

inline constexpr std::size_t parameters_max = 1000;
inline constexpr std::size_t choices_max = 100'000;
inline constexpr std::size_t choice_bytes_max = 4096;  ///< of one choice's JSON text

/// Whole numbers low, low + step ... <= high.
struct int_range {
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::int64_t step = 1;  ///< >= 1; must be 1 where log
  bool log = false;       ///< low >= 1

  bool operator==(const int_range&) const = default;
};

/// Reals low to high; with a step the values low, low + step ... <= high, computed from decimals so
/// that value k is exactly the double nearest to the decimal low + k * step, and prints as it.
/// Where low and step have too many digits for that, value k is low + k * step in doubles. Without
/// a step and with low == high the range has one value and counts as discrete.
struct float_range {
  double low = 0;
  double high = 0;
  bool log = false;              ///< low > 0; excludes step
  std::optional<double> step{};  ///< > 0
  decimal exact_low{};           ///< where step is given; rounds to low
  decimal exact_step{};          ///< where step is given; rounds to *step

  bool operator==(const float_range&) const = default;
};

/// One of a list. A choice is a JSON value, kept as its JSON text ("\"adam\"", "3", "null",
/// "[64,32]", "NaN") in the one spelling that `canonical_choice` gives. 3, 3.0 and "3" are three
/// choices.
struct category {
  std::vector<std::string> choices;

  bool operator==(const category&) const = default;
};

/// A parameter is part of a point only where an earlier one, its parent, is part of it too and has
/// such a value. The parent may have a condition itself; a continuous one cannot be a parent.
struct condition {
  enum class relation : std::uint8_t { among, at_least, at_most };

  std::string parent;
  relation is = relation::among;
  std::vector<std::string> values;  ///< JSON values as in a category; one unless `among`

  bool operator==(const condition&) const = default;
};

struct parameter {
  std::string name;  ///< see `is_parameter_name`
  std::variant<int_range, float_range, category> over;
  std::optional<condition> only_if{};

  /// Number of values; nothing for a continuous float and for the one range that has 2^64 of them.
  [[nodiscard]] std::optional<std::uint64_t> cardinality() const;

  bool operator==(const parameter&) const = default;
};

/// A value as tasks and people see it.
using value = std::variant<std::int64_t, double, std::string>;  ///< string: JSON text of a choice

/// The coordinate of a value; nothing when the range does not have it. The declared type decides: 1
/// and 1.0 are the same value of an int and of a float.
std::optional<coordinate> coordinate_of(const parameter& p, const value& v);

class space {
 public:
  space() = default;
  /// Faults: usage (no parameter, a name twice, too many, a parameter that `check` refuses, a
  /// condition on what is no earlier parameter, on a continuous one or on a value it never has).
  static result<space> make(std::vector<parameter> parameters);

  [[nodiscard]] const std::vector<parameter>& parameters() const { return parameters_; }
  /// The number of points; nothing when continuous or beyond 2^64 - 1.
  [[nodiscard]] std::optional<std::uint64_t> size() const { return tree_.size(); }
  /// True where every parameter is discrete (also when the product is beyond 2^64 - 1).
  [[nodiscard]] bool is_discrete() const;

  /// Point number `rank` in row-major order (the last parameter turns fastest), and back.
  /// Preconditions: size() has a value; rank < *size().
  [[nodiscard]] point at(std::uint64_t rank) const { return tree_.at(rank); }
  [[nodiscard]] std::uint64_t rank_of(const point& p) const { return tree_.rank_of(p); }

  /// Which parameters hang on which.
  [[nodiscard]] const space_tree& tree() const { return tree_; }
  /// Whether a point that begins with `p` has the parameter. Precondition: `p` has all before it.
  [[nodiscard]] bool is_active(std::span<const coordinate> p, std::size_t parameter) const {
    return tree_.is_active(p, parameter);
  }
  /// The point that begins with these values: where they leave a parameter out, it is left out.
  /// Precondition: a coordinate in its range for each parameter that is active.
  [[nodiscard]] point trimmed(point p) const;

  /// True where `p` has a coordinate in its range for each parameter that is active, and none for
  /// the others.
  [[nodiscard]] bool contains(const point& p) const;

  /// Precondition: the point has the parameter.
  [[nodiscard]] value value_of(const point& p, std::size_t parameter) const;
  /// As substituted for {x}: "3", "0.1", "1e-05", a choice without its JSON quotes; empty where the
  /// point leaves the parameter out.
  [[nodiscard]] std::string text_of(const point& p, std::size_t parameter) const;
  /// {"x":3,"lr":0.1,"opt":"adam"}: one line, the keys that the point has in the space's order,
  /// shortest round-trip numbers.
  [[nodiscard]] std::string json_of(const point& p) const;
  /// See the function of that name.
  [[nodiscard]] std::optional<coordinate> coordinate_of(const value& v,
                                                        std::size_t parameter) const {
    return tuner::coordinate_of(parameters_.at(parameter), v);
  }

  bool operator==(const space&) const = default;

 private:
  std::vector<parameter> parameters_;
  space_tree tree_;
};

/// A range built in code: the same faults as `parse_parameter`.
result<void> check(const parameter& p);

/// True where the parameter has a grid or a list, so that its coordinates are indices.
bool is_discrete(const parameter& p);

bool is_category(const parameter& p);

/// The one spelling of a JSON value, see `canonical_json`.
std::optional<std::string> canonical_choice(std::string_view json);

/// "x=int(10,60,step=5)", "n=int(1,1024,log)", "lr=float(1e-5,1e-1,log)", "p=float(0,1,step=0.1)",
/// "opt=choice(adam,sgd)", "opt=choice('a b',3,true,null)". A bare word that is no JSON number,
/// true, false or null is a string; quotes allow any character: '...' is taken as it stands, "..."
/// is a JSON string with its escapes; [...] and {...} are JSON, float(nan), float(inf) and
/// float(-inf) the numbers that it lacks. Each may be followed by a condition: "if opt=sgd", "if
/// layers in (2,3)", "if layers>=2", "if layers<=2", with values spelled as choices. A name that is
/// not plain stands in quotes, as a JSON string: "\"optim/lr\"=float(0,1)". Spaces around any part
/// are ignored. Faults: usage, naming the parameter and what is wrong (empty range, step 0, log
/// with low <= 0, step with log, not finite, choice twice ...).
result<parameter> parse_parameter(std::string_view text);

/// The spelling that `parse_parameter` reads back as the same parameter.
std::string to_string(const parameter& p);

/// What stands behind the "if": "opt=sgd".
std::string to_string(const condition& c);

/// Equal bytes for equal points of equal spaces, different bytes otherwise, on every machine and in
/// every version: for each parameter that the point has, in order of name: name length (u32 LE),
/// name, kind byte (0 int, 1 float, 2 category), then for int the value as i64 LE, for float the
/// bit pattern as u64 LE, for a category the JSON text (u32 LE length, bytes). This is what UNIQUE
/// stands on; it names values, not indices, so a study that is resumed with a wider range keeps its
/// points.
std::string canonical_key(const space& s, const point& p);

}  // namespace fabric::tuner
