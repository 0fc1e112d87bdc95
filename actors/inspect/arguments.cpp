#include "actors/inspect/arguments.hpp"

#include <algorithm>
#include <utility>

namespace fabric::actors::inspect {

namespace {

constexpr std::size_t list_limit_default = 100;

}  // namespace

result<json> arguments_of(const question& what) {
  if (what.arguments.empty()) return json::object();
  auto parsed = json::parse(what.arguments, nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object())
    return fault{fault_code::bad_message,
                 "the arguments of '" + what.topic + "' are no JSON object", ""};
  return parsed;
}

std::string text_at(const json& arguments, const char* key) {
  auto found = arguments.find(key);
  return found != arguments.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_at(const json& arguments, const char* key, std::int64_t otherwise) {
  auto found = arguments.find(key);
  return found != arguments.end() && found->is_number_integer() ? found->get<std::int64_t>()
                                                                : otherwise;
}

bool flag_at(const json& arguments, const char* key) {
  auto found = arguments.find(key);
  return found != arguments.end() && found->is_boolean() && found->get<bool>();
}

std::size_t limit_of(const json& arguments) {
  const auto asked = number_at(arguments, "limit", static_cast<std::int64_t>(list_limit_default));
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(asked, 1, static_cast<std::int64_t>(list_limit_max)));
}

reply ready(const question& what, const json& body) {
  return {what.from, body.dump(-1, ' ', false, json::error_handler_t::replace), std::nullopt};
}
reply refused(const question& what, fault why) { return {what.from, "", std::move(why)}; }

fault unknown_task(const std::string& text) {
  return {fault_code::not_found, "there is no job or task '" + text + "'",
          "`fabricd list jobs` shows what there is"};
}

result<job_or_task> id_in(const json& arguments) {
  const auto text = text_at(arguments, "id");
  if (auto id = parse_job_or_task(text)) return *id;
  return fault{fault_code::usage, "'" + text + "' is neither a job (17) nor a task (17.3)", ""};
}

}  // namespace fabric::actors::inspect
