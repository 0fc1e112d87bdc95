#include "actors/daemon/trial_json.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "actors/inspect/json_views.hpp"
#include "scheduler/tuner/json_value.hpp"

namespace fabric::daemon {

json attributes_json(const std::map<std::string, std::string>& texts) {
  json attributes = json::object();
  for (const auto& [key, text] : texts) {
    auto value = json::parse(text, nullptr, false);
    attributes[key] = value.is_discarded() ? json(text) : std::move(value);
  }
  return attributes;
}

json number_json(double value) {
  return std::isfinite(value) ? json(value) : json(number_text(value));
}

namespace {

json numbers_json(const std::vector<double>& all) {
  if (all.empty()) return nullptr;
  json list = json::array();
  for (const double each : all) list.push_back(number_json(each));
  return list;
}

/// A text of a trial's parameter; NaN and its like as strings.
json choice_json(const std::string& text) {
  const auto canonical = tuner::canonical_json(text);
  return json::parse(canonical ? tuner::strict_json(*canonical) : text, nullptr, false);
}

}  // namespace

json to_json(const tuner::trial& row, const tuner::space& over) {
  json params = json::object();
  if (row.where.size() == over.parameters().size())
    params = json::parse(over.json_of(row.where), nullptr, false);
  for (const auto& [name, text] : row.outside) params[name] = choice_json(text);
  json reports = json::object();
  for (const auto& [step, value] : row.reports) reports[std::to_string(step)] = number_json(value);
  return {{"number", row.number},
          {"state", name_of(row.state)},
          {"params", std::move(params)},
          {"value", row.value() ? number_json(*row.value()) : json(nullptr)},
          {"values", numbers_json(row.values)},
          {"constraints", numbers_json(row.constraints)},
          {"intermediate_values", std::move(reports)},
          {"user_attrs", attributes_json(row.user_attrs)},
          {"datetime_start", actors::inspect::time_of(row.start_ms)},
          {"datetime_complete", actors::inspect::time_of(row.complete_ms)},
          {"node", row.node},
          {"attempt", row.attempt}};
}

json to_json(const tuner::best_trials& best, const tuner::space& over) {
  json all = json::array();
  for (const auto& row : best.all()) all.push_back(to_json(row, over));
  return all;
}

std::string values_text(const tuner::trial& row) {
  std::string text;
  for (const double each : row.values) text += (text.empty() ? "" : " ") + number_text(each);
  return text.empty() ? "-" : text;
}

std::string params_text(const tuner::trial& row, const tuner::space& over) {
  std::string text;
  for (std::size_t i = 0; i < row.where.size() && i < over.parameters().size(); ++i)
    if (over.is_active(row.where, i))
      text += (text.empty() ? "" : " ") + tuner::spelled_name(over.parameters()[i].name) + "=" +
              over.text_of(row.where, i);
  for (const auto& [name, json_text] : row.outside)
    text += (text.empty() ? "" : " ") + tuner::spelled_name(name) + "=" + attribute_text(json_text);
  return text;
}

std::string attribute_text(const std::string& json_text) {
  const auto value = json::parse(json_text, nullptr, false);
  return value.is_string() ? value.get<std::string>() : json_text;
}

std::string number_text(double value) {
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? std::string{text.data(), end} : "?";
}

}  // namespace fabric::daemon
