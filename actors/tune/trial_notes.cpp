#include "actors/tune/trial_notes.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace fabric::actors {

namespace {

using nlohmann::json;

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

result<tuner::trial_report> report_in(const std::string& note) {
  const auto said = json::parse(note, nullptr, false);
  const auto step = said.is_object() ? said.value("step", json{}) : json{};
  const auto value = said.is_object() ? said.value("value", json{}) : json{};
  const bool is_large = value == "inf" || value == "-inf";
  const bool fits = step.is_number_integer() &&
                    (!step.is_number_unsigned() || step.get<std::uint64_t>() <= tuner::step_max);
  if (!fits || !(value.is_number() || is_large))
    return fault{fault_code::usage, "what the trial reported is no step and value", ""};
  const double number = value.is_number() ? value.get<double>()
                        : value == "inf"  ? infinity
                                          : -infinity;
  return tuner::trial_report{step.get<std::int64_t>(), number};
}

std::string note_of(const tuner::trial_report& what) {
  json said = {{"step", what.step}, {"value", what.value}};
  if (std::isinf(what.value)) said["value"] = what.value > 0 ? "inf" : "-inf";
  return said.dump();
}

std::string answer_text(const result<tuner::verdict>& what) {
  if (what) return json{{"verdict", *what == tuner::verdict::stop ? "stop" : "go_on"}}.dump();
  const auto& why = what.error();
  return json{{"error", {{"code", name_of(why.code)}, {"detail", why.detail}, {"hint", why.hint}}}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

result<tuner::verdict> verdict_in(const std::string& answer) {
  const auto said = json::parse(answer, nullptr, false);
  if (said.is_object() && said.contains("error") && said["error"].is_object()) {
    const auto& why = said["error"];
    return fault{fault_code_named(text_in(why, "code")), text_in(why, "detail"),
                 text_in(why, "hint")};
  }
  const auto word = said.is_object() ? said.value("verdict", json{}) : json{};
  if (word == "go_on") return tuner::verdict::go_on;
  if (word == "stop") return tuner::verdict::stop;
  return fault{fault_code::bad_message, "the answer to a report is not understood",
               "use one version of fabricd for the search, the head and its nodes"};
}

}  // namespace fabric::actors
