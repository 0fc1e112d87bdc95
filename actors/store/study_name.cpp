#include "actors/store/study_name.hpp"

#include <algorithm>

#include "scheduler/tuner/json_text.hpp"

namespace fabric::store {

namespace {

constexpr std::size_t name_bytes_max = 512;  // Optuna's columns hold as many

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

fault bad_name(std::string_view name, std::string_view what) {
  return {fault_code::usage, "the study name " + tuner::shown(name) + " " + std::string(what),
          "choose another name"};
}

}  // namespace

result<void> check_study_name(std::string_view name) {
  if (name.empty() || name.size() > name_bytes_max)
    return fault{fault_code::usage, "a study's name has 1 to 512 bytes", ""};
  if (!tuner::is_utf8(name)) return bad_name(name, "is not UTF-8");
  if (std::ranges::any_of(name, is_control)) return bad_name(name, "has control characters");
  return {};
}

result<void> check_new_study_name(std::string_view name) {
  if (auto fine = check_study_name(name); !fine) return fine;
  if (name.starts_with('-')) return bad_name(name, "begins with -, as flags do");
  return {};
}

}  // namespace fabric::store
