#include "fabric/fault.hpp"

#include <array>

namespace fabric {

namespace {

struct entry {
  std::string_view name;
  int exit_status;
  retry_advice advice;
};

using enum retry_advice;

constexpr std::array<entry, 33> table = {{
    {"USAGE", 64, never},
    {"BAD_MESSAGE", 65, never},
    {"NOT_FOUND", 66, never},
    {"AUTH_FAILED", 77, never},
    {"FORBIDDEN", 77, never},
    {"CONFIG", 78, never},
    {"UNREACHABLE", 69, later},
    {"ADDRESS_IN_USE", 78, never},
    {"TIMEOUT_UNKNOWN", 75, same_key},
    {"BUSY", 75, later},
    {"STORE_FULL", 73, later},
    {"STORE_FAILED", 74, same_key},
    {"STORE_LOCKED", 73, never},
    {"AUTH_SELFTEST", 78, never},
    {"STALE_EPOCH", 75, later},
    {"VERSION", 76, never},
    {"UNSUPPORTED", 76, never},
    {"KEY_CONFLICT", 65, never},
    {"DUPLICATE_PARAMS", 65, never},
    {"TOO_LARGE", 65, never},
    {"NO_SUCH_RESOURCE", 69, never},
    {"QUOTA", 75, later},
    {"STALE_ATTEMPT", 75, never},
    {"LATE_GRANT", 75, later},
    {"CANCELLED", 130, never},
    {"TASK_FAILED", 1, never},
    {"TASK_SIGNALLED", 1, never},
    {"OOM_KILLED", 1, never},
    {"TIMED_OUT", 124, never},
    {"NODE_LOST", 75, later},
    {"POISONED", 1, never},
    {"EXHAUSTED", 0, never},
    {"INTERNAL", 70, never},
}};

const entry& entry_of(fault_code code) { return table.at(static_cast<std::size_t>(code)); }

}  // namespace

std::string_view name_of(fault_code code) { return entry_of(code).name; }

fault_code fault_code_named(std::string_view name) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].name == name) return static_cast<fault_code>(i);
  return fault_code::internal;
}

int exit_status_of(fault_code code) { return entry_of(code).exit_status; }

retry_advice advice_of(fault_code code) { return entry_of(code).advice; }

std::string to_line(const fault& f) {
  std::string line{name_of(f.code)};
  line += ": " + f.detail;
  if (!f.hint.empty()) line += "; " + f.hint;
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return line;
}

}  // namespace fabric
