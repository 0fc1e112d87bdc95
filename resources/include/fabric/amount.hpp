#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fabric/result.hpp"

namespace fabric {

/// An amount of a resource in thousandths, so that sums return exactly to where they began.
/// Memory counts bytes, everything else units: 1.5 CPUs is milli{1500}, 1 byte is milli{1000}.
struct milli {
  std::int64_t value = 0;

  auto operator<=>(const milli&) const = default;
  milli& operator+=(milli b) {
    value += b.value;
    return *this;
  }
  milli& operator-=(milli b) {
    value -= b.value;
    return *this;
  }
  friend milli operator+(milli a, milli b) { return {a.value + b.value}; }
  friend milli operator-(milli a, milli b) { return {a.value - b.value}; }
};

/// Whole units as an amount.
constexpr milli units(std::int64_t n) { return {n * 1000}; }

/// No amount that is typed or received may be larger: nine of them still add up without overflow.
inline constexpr milli amount_max = units(1'000'000'000'000'000);

/// "3", "2.5", "0.125": decimal without trailing zeros.
std::string to_string(milli amount);

/// A non-negative decimal with at most three digits after the point, at most `amount_max`: digits,
/// then perhaps a point and digits; no sign, no exponent, no spaces.
/// Faults: usage, naming `what` and the text.
result<milli> parse_amount(std::string_view text, std::string_view what);

/// Bytes with an optional unit, in any case: B; K, KiB, M, MiB, G, GiB, T, TiB (powers of 1024);
/// KB, MB, GB, TB (powers of 1000). "8GiB", "512m", "1.5GB", "1048576". The number is as in
/// `parse_amount`; a part of a byte is dropped ("1.001KiB" is 1025 bytes), and refused where the
/// unit is the byte. Result counts bytes in thousandths. Faults: usage.
result<milli> parse_bytes(std::string_view text, std::string_view what);

/// "1GiB", "1.5GiB", "1000B": for people, in the largest unit of 1024 that leaves at least one of
/// it, rounded down to three decimals; a negative amount has its sign in front.
std::string bytes_to_string(milli bytes);

/// True for a name that a resource may have: [a-z][a-z0-9_.-]{0,63}.
bool is_resource_name(std::string_view name);

/// Amounts by resource name. Names satisfy `is_resource_name`; the well-known ones are below.
/// Kept sorted by name with no name twice and no amount of zero, so equal sets compare equal.
class resource_set {
 public:
  using entry = std::pair<std::string, milli>;

  resource_set() = default;
  /// Precondition: amounts are not negative. Entries of one name are added up.
  resource_set(std::initializer_list<entry> entries);

  /// Zero for a name that is not in the set.
  [[nodiscard]] milli operator[](std::string_view name) const;
  /// An amount of zero removes the name.
  void set(std::string_view name, milli amount);
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }

  auto operator<=>(const resource_set&) const = default;

 private:
  std::vector<entry> entries_;
};

/// Names of one set, of a node or a task.
inline constexpr std::size_t resource_names_max = 64;

inline constexpr std::string_view cpu = "cpu";
inline constexpr std::string_view gpu = "gpu";
inline constexpr std::string_view memory = "memory";

/// True where every amount of `needs` is there in `have`.
bool covers(const resource_set& have, const resource_set& needs);

/// "cpu=2, gpu=0.5, memory=1GiB": for people.
std::string to_string(const resource_set& set);

/// "a=1,b=2.5" as in --resources; cpu, gpu and memory are refused here because they have flags of
/// their own. The empty text is the empty set; at most `resource_names_max` names.
/// Faults: usage (bad name, bad amount, name twice, empty item, too many).
result<resource_set> parse_resources(std::string_view text);

}  // namespace fabric
