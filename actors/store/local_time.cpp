#include "actors/store/local_time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace fabric::store {

namespace {

/// Reads a number of exactly `width` digits at the front of `text` and takes it off.
std::optional<int> take_digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int number = 0;
  for (const char digit : text.substr(0, width)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + (digit - '0');
  }
  text.remove_prefix(width);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<std::string> local_time_text(std::int64_t ms) {
  if (ms == 0) return std::nullopt;
  std::int64_t seconds = ms / 1000;
  std::int64_t rest = ms % 1000;
  if (rest < 0) {
    rest += 1000;
    --seconds;
  }
  const std::time_t time = seconds;
  std::tm at{};
  if (::localtime_r(&time, &at) == nullptr || at.tm_year > 8099 || at.tm_year < -899) {
    return std::nullopt;
  }
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d %02d:%02d:%02d.%03d000",
                at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec,
                static_cast<int>(rest));
  return std::string(text.data());
}

std::int64_t ms_of_local_time(std::string_view text) {
  const auto year = take_digits(text, 4);
  const bool dash_one = take(text, '-');
  const auto month = take_digits(text, 2);
  const bool dash_two = take(text, '-');
  const auto day = take_digits(text, 2);
  const bool space = take(text, ' ');
  const auto hour = take_digits(text, 2);
  const bool colon_one = take(text, ':');
  const auto minute = take_digits(text, 2);
  const bool colon_two = take(text, ':');
  const auto second = take_digits(text, 2);
  const bool marked = dash_one && dash_two && space && colon_one && colon_two;
  if (!marked || !year || !month || !day || !hour || !minute || !second) return 0;
  std::int64_t ms = 0;
  if (take(text, '.')) {
    const auto thousandths = take_digits(text, std::min<std::size_t>(3, text.size()));
    ms = thousandths.value_or(0);
  }
  std::tm at{};
  at.tm_year = *year - 1900;
  at.tm_mon = *month - 1;
  at.tm_mday = *day;
  at.tm_hour = *hour;
  at.tm_min = *minute;
  at.tm_sec = *second;
  at.tm_isdst = -1;
  return static_cast<std::int64_t>(std::mktime(&at)) * 1000 + ms;
}

}  // namespace fabric::store
