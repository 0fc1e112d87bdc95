#include "actors/dashboard/host_list.hpp"

#include <algorithm>

#include "resources/text.hpp"

namespace fabric::dashboard {

namespace {

constexpr std::size_t name_length_max = 255;

bool is_name_part(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' || c == '_';
}
bool is_ipv6_part(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

std::string lowered(std::string_view text) {
  std::string name{text};
  std::transform(name.begin(), name.end(), name.begin(), lower);
  return name;
}

}  // namespace

std::optional<std::string> name_in_host(std::string_view header) {
  const bool in_brackets = header.starts_with('[');
  const auto end = in_brackets ? header.find(']') : header.find(':');
  if (in_brackets && end == std::string_view::npos) return std::nullopt;
  const auto name = in_brackets ? header.substr(1, end - 1) : header.substr(0, end);
  auto rest = end == std::string_view::npos ? std::string_view{} : header.substr(end);
  if (in_brackets) rest.remove_prefix(1);
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
  if (name.empty() || name.size() > name_length_max) return std::nullopt;
  if (!std::all_of(name.begin(), name.end(), in_brackets ? is_ipv6_part : is_name_part))
    return std::nullopt;
  return lowered(name);
}

bool is_loopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.");
}

host_list::host_list(std::set<std::string> names) {
  for (const auto& name : names) names_.insert(lowered(name));
}

bool host_list::admits(std::string_view header, std::string_view local) const {
  const auto name = name_in_host(header);
  if (!name) return false;
  return *name == local || (*name == "localhost" && is_loopback(local)) || names_.contains(*name);
}

}  // namespace fabric::dashboard
