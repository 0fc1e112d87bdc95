#include "fabric/amount.hpp"

#include <array>
#include <limits>
#include <optional>

#include "resources/text.hpp"

namespace fabric {

namespace {

constexpr std::size_t decimals_max = 3;

struct byte_unit {
  std::string_view suffix;  // lower case
  std::int64_t bytes;
};

constexpr std::int64_t kibi = 1024;
constexpr std::int64_t kilo = 1000;

constexpr std::array<byte_unit, 14> byte_units = {{
    {"", 1},
    {"b", 1},
    {"k", kibi},
    {"kib", kibi},
    {"m", kibi* kibi},
    {"mib", kibi* kibi},
    {"g", kibi* kibi* kibi},
    {"gib", kibi* kibi* kibi},
    {"t", kibi* kibi* kibi* kibi},
    {"tib", kibi* kibi* kibi* kibi},
    {"kb", kilo},
    {"mb", kilo* kilo},
    {"gb", kilo* kilo* kilo},
    {"tb", kilo* kilo* kilo* kilo},
}};

std::optional<std::int64_t> bytes_of_unit(std::string_view suffix) {
  std::string lowered;
  for (const char c : suffix) lowered += lower(c);
  for (const auto& unit : byte_units)
    if (unit.suffix == lowered) return unit.bytes;
  return std::nullopt;
}

/// The number as thousandths, or nothing where it is malformed or above `amount_max`.
std::optional<milli> thousandths(std::string_view text) {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto decimals = point == text.npos ? std::string_view{"0"} : text.substr(point + 1);
  if (whole.empty() || decimals.empty() || decimals.size() > decimals_max) return std::nullopt;

  // Stops before the first digit beyond the limit, so nothing overflows whatever the length.
  std::int64_t value = 0;
  const auto append = [&value](std::string_view digits) {
    for (const char c : digits) {
      if (!is_digit(c)) return false;
      const std::int64_t digit = c - '0';
      if (value > (amount_max.value - digit) / 10) return false;
      value = value * 10 + digit;
    }
    return true;
  };
  const auto padded = std::string(decimals) + std::string(decimals_max - decimals.size(), '0');
  if (!append(whole) || !append(padded)) return std::nullopt;
  return milli{value};
}

fault refused(std::string_view what, std::string_view text, std::string hint) {
  return {fault_code::usage, std::string(what) + " cannot be " + quoted(text), std::move(hint)};
}

}  // namespace

std::string to_string(milli amount) {
  // Unsigned, because the lowest amount has no positive twin.
  const bool negative = amount.value < 0;
  const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(amount.value)
                                  : static_cast<std::uint64_t>(amount.value);
  std::string text = negative ? "-" : "";
  text += std::to_string(magnitude / 1000);
  auto decimals = std::to_string(1000 + magnitude % 1000).substr(1);
  while (!decimals.empty() && decimals.back() == '0') decimals.pop_back();
  if (!decimals.empty()) text += "." + decimals;
  return text;
}

result<milli> parse_amount(std::string_view text, std::string_view what) {
  if (const auto amount = thousandths(text)) return *amount;
  return refused(what, text,
                 "give a number from 0 to 10^15 with at most three decimals, as in 2 or 0.5");
}

result<milli> parse_bytes(std::string_view text, std::string_view what) {
  const std::string hint = "give bytes or a number with a unit, as in 8GiB, 512MiB or 1.5GB";
  const auto number_end = text.find_first_not_of("0123456789.");
  const auto number = text.substr(0, number_end);
  const auto suffix = number_end == text.npos ? std::string_view{} : text.substr(number_end);
  const auto amount = thousandths(number);
  const auto unit = bytes_of_unit(suffix);
  if (!amount || !unit) return refused(what, text, hint);
  if (*unit == 1 && number.find('.') != number.npos) return refused(what, text, hint);
  // Divided before it is multiplied: thousandths of a unit in bytes are whole parts and a rest.
  if (amount->value / 1000 > amount_max.value / 1000 / *unit) return refused(what, text, hint);
  const auto bytes = amount->value / 1000 * *unit + amount->value % 1000 * *unit / 1000;
  if (units(bytes) > amount_max) return refused(what, text, hint);
  return units(bytes);
}

std::string bytes_to_string(milli bytes) {
  if (bytes.value < 0) {
    const auto lowest = std::numeric_limits<std::int64_t>::min();
    return "-" + bytes_to_string({bytes.value == lowest ? -(lowest + 1) : -bytes.value});
  }
  constexpr std::array<std::string_view, 5> suffixes = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t power = 0;
  while (power + 1 < suffixes.size() && bytes >= units(1024)) {
    bytes.value /= 1024;
    ++power;
  }
  return to_string(bytes) + std::string(suffixes[power]);
}

}  // namespace fabric
