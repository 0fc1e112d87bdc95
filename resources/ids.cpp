#include "fabric/ids.hpp"

#include <charconv>

#include "resources/text.hpp"

namespace fabric {

namespace {

constexpr std::size_t node_id_digits = 16;

/// The whole text as a decimal number in its one spelling.
template <class Number>
std::optional<Number> decimal(std::string_view text) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  Number number{};
  const auto end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

std::string hexadecimal(std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(node_id_digits, '0');
  for (auto at = text.rbegin(); at != text.rend(); ++at, number >>= 4) *at = digits[number & 0xf];
  return text;
}

bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

}  // namespace

std::string to_string(node_id id) { return hexadecimal(id.value); }
std::string to_string(program_id id) { return hexadecimal(id.value); }

std::string to_string(job_id id) { return std::to_string(id.value); }

std::string to_string(task_id id) { return to_string(id.job) + "." + std::to_string(id.index); }

std::string to_string(attempt_id id) {
  return to_string(id.task) + "#" + std::to_string(id.attempt);
}

std::optional<job_or_task> parse_job_or_task(std::string_view text) {
  const auto point = text.find('.');
  const auto job = decimal<std::uint64_t>(text.substr(0, point));
  if (!job || *job == 0) return std::nullopt;
  if (point == text.npos) return job_or_task{job_id{*job}, std::nullopt};
  const auto index = decimal<std::uint32_t>(text.substr(point + 1));
  if (!index) return std::nullopt;
  return job_or_task{job_id{*job}, *index};
}

std::optional<node_id> parse_node_id(std::string_view text) {
  if (text.size() != node_id_digits) return std::nullopt;
  for (const char c : text)
    if (!is_lower_hex(c)) return std::nullopt;
  node_id id;
  std::from_chars(text.data(), text.data() + text.size(), id.value, 16);
  return id;
}

}  // namespace fabric
