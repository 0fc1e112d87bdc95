#include "actors/store/journal_record.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace fabric::store {

namespace {

using nlohmann::json;

constexpr double infinity = std::numeric_limits<double>::infinity();

struct special {
  std::string_view token;
  std::string_view stand_in;  ///< a string that JSON from elsewhere hardly has
  std::string_view quoted;    ///< the same as `dump` writes it
  double value;
};
constexpr std::array<special, 3> specials = {{
    {"NaN", "\x01NaN", "\"\\u0001NaN\"", std::numeric_limits<double>::quiet_NaN()},
    {"-Infinity", "\x01-Infinity", "\"\\u0001-Infinity\"", -infinity},
    {"Infinity", "\x01Infinity", "\"\\u0001Infinity\"", infinity},
}};

/// Python's three bare words become strings, which JSON can hold.
std::string without_specials(std::string_view text) {
  std::string made;
  bool is_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_string && text[i] == '\\') {
      made += text[i++];
      if (i < text.size()) made += text[i];
      continue;
    }
    if (text[i] == '"') is_string = !is_string;
    const auto* found = std::ranges::find_if(specials, [&](const special& each) {
      return !is_string && text.substr(i).starts_with(each.token);
    });
    if (found == specials.end()) {
      made += text[i];
    } else {
      made += found->quoted;
      i += found->token.size() - 1;
    }
  }
  return made;
}

/// Of brackets, so that nothing that walks the document runs out of stack.
bool is_deep(std::string_view text) {
  constexpr int depth_max = 100;
  int depth = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > depth_max) return true;
  }
  return false;
}

fault bad_record(const std::string& why) {
  return {fault_code::bad_message, "this is no record of Optuna's journal: " + why,
          "does the client use optuna.storages.JournalStorage?"};
}

bool is_whole(const json& fields, const char* name) {
  return fields.contains(name) && fields[name].is_number_integer();
}
bool is_text(const json& fields, const char* name) {
  return fields.contains(name) && fields[name].is_string();
}
bool is_one_attr(const json& fields, const char* name) {
  return fields.contains(name) && fields[name].is_object() && fields[name].size() == 1;
}
bool is_number(const json& value) {
  if (value.is_number()) return true;
  if (!value.is_string()) return false;
  for (const auto& each : specials) {
    if (value.get_ref<const std::string&>() == each.stand_in) return true;
  }
  return false;
}
bool is_state(const json& fields) {
  return is_whole(fields, "state") && fields["state"] >= 0 && fields["state"] <= 4;
}
bool are_numbers_or_null(const json& fields, const char* name) {
  if (!fields.contains(name)) return false;
  const auto& list = fields[name];
  return list.is_null() || (list.is_array() && std::ranges::all_of(list, is_number));
}

/// A template may leave out most fields, but what it has must be of the right type.
bool is_trial(const json& fields) {
  if (!is_whole(fields, "study_id") || !fields.contains("datetime_start")) return false;
  if (!fields["datetime_start"].is_null() && !fields["datetime_start"].is_string()) return false;
  if (fields.contains("state") && !is_state(fields)) return false;
  if (fields.contains("values") && !are_numbers_or_null(fields, "values")) return false;
  if (fields.contains("value") && !fields["value"].is_null() && !is_number(fields["value"])) {
    return false;
  }
  for (const auto* name :
       {"distributions", "params", "user_attrs", "system_attrs", "intermediate_values"}) {
    if (fields.contains(name) && !fields[name].is_object()) return false;
  }
  for (const auto& [name, value] : object_in(fields, "params").items()) {
    if (!is_number(value) || !fields.contains("distributions") ||
        !is_text(fields["distributions"], name.c_str())) {
      return false;
    }
  }
  return true;
}

bool is_complete(journal_op op, const json& fields) {
  switch (op) {
    case journal_op::create_study:
      return is_text(fields, "study_name") && fields.contains("directions") &&
             fields["directions"].is_array() && !fields["directions"].empty() &&
             std::ranges::all_of(fields["directions"], [](const json& direction) {
               return direction.is_number_integer() && direction >= 0 && direction <= 2;
             });
    case journal_op::delete_study: return is_whole(fields, "study_id");
    case journal_op::set_study_user_attr:
      return is_whole(fields, "study_id") && is_one_attr(fields, "user_attr");
    case journal_op::set_study_system_attr:
      return is_whole(fields, "study_id") && is_one_attr(fields, "system_attr");
    case journal_op::create_trial: return is_trial(fields);
    case journal_op::set_trial_param:
      return is_whole(fields, "trial_id") && is_text(fields, "param_name") &&
             fields.contains("param_value_internal") && is_number(fields["param_value_internal"]) &&
             is_text(fields, "distribution");
    case journal_op::set_trial_state_values:
      return is_whole(fields, "trial_id") && is_state(fields) &&
             are_numbers_or_null(fields, "values") &&
             (fields["state"] != 0 || is_text(fields, "datetime_start")) &&
             (fields["state"] == 0 || fields["state"] == 4 || is_text(fields, "datetime_complete"));
    case journal_op::set_trial_intermediate_value:
      return is_whole(fields, "trial_id") && is_whole(fields, "step") &&
             fields.contains("intermediate_value") && is_number(fields["intermediate_value"]);
    case journal_op::set_trial_user_attr:
      return is_whole(fields, "trial_id") && is_one_attr(fields, "user_attr");
    case journal_op::set_trial_system_attr:
      return is_whole(fields, "trial_id") && is_one_attr(fields, "system_attr");
  }
  return false;
}

}  // namespace

result<journal_record> read_journal_record(std::string_view text) {
  if (is_deep(text)) return bad_record("it is nested too deeply");
  auto fields = read_python_json(text);
  if (fields.is_discarded()) return bad_record("it is no JSON");
  if (!fields.is_object() || !is_whole(fields, "op_code")) return bad_record("it has no op_code");
  if (!is_text(fields, "worker_id")) return bad_record("it has no worker_id");
  const auto code = fields["op_code"].get<std::int64_t>();
  constexpr auto last = static_cast<std::int64_t>(journal_op::set_trial_system_attr);
  if (code < 0 || code > last)
    return bad_record("op_code " + std::to_string(code) + " is not known");
  const auto op = static_cast<journal_op>(code);
  if (!is_complete(op, fields)) {
    return bad_record("op_code " + std::to_string(code) + " lacks a field, or has a wrong one");
  }
  return journal_record{op, std::move(fields)};
}

const nlohmann::json& object_in(const nlohmann::json& fields, const char* name) {
  static const json none = json::object();
  const auto found = fields.find(name);
  return found == fields.end() ? none : *found;
}

nlohmann::json special_number(double value) {
  const auto index = std::isnan(value) ? 0U : value < 0 ? 1U : 2U;
  return specials.at(index).stand_in;
}

nlohmann::json read_python_json(std::string_view text) {
  return json::parse(without_specials(text), nullptr, false);
}

std::optional<double> number_of(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  for (const auto& each : specials) {
    if (value.get_ref<const std::string&>() == each.stand_in) return each.value;
  }
  return std::nullopt;
}

std::vector<double> constraints_of(const nlohmann::json& value) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  if (!value.is_array()) return {unknown};
  std::vector<double> found;
  for (const auto& each : value) found.push_back(number_of(each).value_or(unknown));
  return found;
}

std::string text_of(const nlohmann::json& value) {
  auto text = value.dump(-1, ' ', true);
  for (const auto& each : specials) {
    for (auto at = text.find(each.quoted); at != std::string::npos;
         at = text.find(each.quoted, at)) {
      text.replace(at, each.quoted.size(), each.token);
    }
  }
  return text;
}

}  // namespace fabric::store
