#include <algorithm>

#include "fabric/amount.hpp"
#include "resources/check.hpp"
#include "resources/text.hpp"

namespace fabric {

namespace {

constexpr std::size_t name_chars_max = 64;

bool is_name_char(char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '.' || c == '-'; }

template <class Entries>
auto place_of(Entries& entries, std::string_view name) {
  return std::ranges::lower_bound(entries, name, {},
                                  [](const auto& e) -> std::string_view { return e.first; });
}

fault resource_fault(std::string detail, std::string hint) {
  return {fault_code::usage, std::move(detail), std::move(hint)};
}

bool has_own_flag(std::string_view name) { return name == cpu || name == gpu || name == memory; }

result<resource_set::entry> parse_entry(std::string_view item) {
  const auto equals = item.find('=');
  if (equals == item.npos)
    return resource_fault("resource " + quoted(item) + " has no amount",
                          "write name=amount, as in a=1");
  const auto name = item.substr(0, equals);
  if (!is_resource_name(name))
    return resource_fault(
        "resource name " + quoted(name) + " is not valid",
        "start with a-z, then use a-z, 0-9, '_', '.' and '-', at most 64 characters");
  if (has_own_flag(name))
    return resource_fault("resource " + quoted(name) + " has a flag of its own",
                          "use the flags for CPUs, GPUs and memory");
  auto amount = parse_amount(item.substr(equals + 1), "resource " + std::string(name));
  if (!amount) return std::move(amount).error();
  return resource_set::entry{std::string(name), *amount};
}

}  // namespace

bool is_resource_name(std::string_view name) {
  return !name.empty() && name.size() <= name_chars_max && is_lower(name.front()) &&
         std::ranges::all_of(name, is_name_char);
}

resource_set::resource_set(std::initializer_list<entry> entries) {
  for (const auto& [name, amount] : entries) {
    FABRIC_CHECK(amount.value >= 0);
    set(name, (*this)[name] + amount);
  }
}

milli resource_set::operator[](std::string_view name) const {
  const auto at = place_of(entries_, name);
  return at != entries_.end() && at->first == name ? at->second : milli{};
}

void resource_set::set(std::string_view name, milli amount) {
  const auto at = place_of(entries_, name);
  const bool found = at != entries_.end() && at->first == name;
  if (found && amount == milli{})
    entries_.erase(at);
  else if (found)
    at->second = amount;
  else if (amount != milli{})
    entries_.emplace(at, std::string(name), amount);
}

bool covers(const resource_set& have, const resource_set& needs) {
  return std::ranges::all_of(needs, [&](const auto& e) { return have[e.first] >= e.second; });
}

std::string to_string(const resource_set& set) {
  std::string text;
  for (const auto& [name, amount] : set) {
    if (!text.empty()) text += ", ";
    text += name + "=" + (name == memory ? bytes_to_string(amount) : to_string(amount));
  }
  return text;
}

result<resource_set> parse_resources(std::string_view text) {
  resource_set set;
  if (text.empty()) return set;
  const auto items = pieces_of(text, ',');
  if (items.size() > resource_names_max)
    return resource_fault("there are " + std::to_string(items.size()) + " resources",
                          "give at most " + std::to_string(resource_names_max));
  std::vector<std::string> seen;  // apart from the set, which does not keep a name without amount
  for (const auto item : items) {
    auto parsed = parse_entry(item);
    if (!parsed) return std::move(parsed).error();
    if (std::ranges::find(seen, parsed->first) != seen.end())
      return resource_fault("resource " + quoted(parsed->first) + " is given twice",
                            "give it once");
    seen.push_back(parsed->first);
    set.set(parsed->first, parsed->second);
  }
  return set;
}

}  // namespace fabric
