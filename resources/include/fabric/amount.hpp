#pragma once

#include <compare>
#include <cstdint>
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
  milli& operator+=(milli b) { value += b.value; return *this; }
  milli& operator-=(milli b) { value -= b.value; return *this; }
  friend milli operator+(milli a, milli b) { return {a.value + b.value}; }
  friend milli operator-(milli a, milli b) { return {a.value - b.value}; }
};

/// Whole units as an amount.
constexpr milli units(std::int64_t n) { return {n * 1000}; }

/// "3", "2.5", "0.125": decimal without trailing zeros.
std::string to_string(milli amount);

/// A non-negative decimal with at most three digits after the point, at most 10^15.
/// Faults: usage, naming `what` and the text.
result<milli> parse_amount(std::string_view text, std::string_view what);

/// Bytes with an optional unit: "8GiB", "512MiB", "1.5GB", "1048576". Result counts bytes in
/// thousandths. Faults: usage.
result<milli> parse_bytes(std::string_view text, std::string_view what);

/// Amounts by resource name. Names match [a-z][a-z0-9_.-]{0,63}; the well-known ones are below.
/// Kept sorted by name with no name twice and no amount of zero, so equal sets compare equal.
class resource_set {
 public:
  using entry = std::pair<std::string, milli>;

  resource_set() = default;
  /// Precondition: amounts are not negative. Entries of one name are added up.
  resource_set(std::initializer_list<entry> entries);

  [[nodiscard]] milli operator[](std::string_view name) const;
  void set(std::string_view name, milli amount);
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }

  auto operator<=>(const resource_set&) const = default;

 private:
  std::vector<entry> entries_;
};

inline constexpr std::string_view cpu = "cpu";
inline constexpr std::string_view gpu = "gpu";
inline constexpr std::string_view memory = "memory";

/// True where every amount of `needs` is there in `have`.
bool covers(const resource_set& have, const resource_set& needs);

/// "cpu=2, gpu=0.5, memory=1GiB": for people.
std::string to_string(const resource_set& set);

/// "a=1,b=2.5" as in --resources; cpu, gpu and memory are refused here because they have flags of
/// their own. Faults: usage (bad name, bad amount, name twice, empty item).
result<resource_set> parse_resources(std::string_view text);

}  // namespace fabric
