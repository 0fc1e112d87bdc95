#include "fabric/trial.hpp"

#include <optional>

#include "actors/study/study_note.hpp"
#include "fabric/error.hpp"
#include "fabric/task.hpp"
#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/number_in.hpp"

namespace fabric {

namespace {

[[noreturn]] void throw_usage(std::string what) {
  throw_failure({.kind = error_kind::usage, .what = std::move(what)});
}

const parameter_value* find(const trial& of, std::string_view name) {
  for (const auto& [known, value] : of.params)
    if (known == name) return &value;
  return nullptr;
}

const parameter_value& value_named(const trial& of, std::string_view name) {
  if (const auto* found = find(of, name)) return *found;
  std::string known;
  for (const auto& [other, value] : of.params) known += (known.empty() ? "" : ", ") + other;
  throw_usage("trial " + std::to_string(of.number) + " has no parameter \"" + std::string{name} +
              "\"; it has " + known);
}

std::string text_of(const parameter_value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) return tuner::json_float(*real);
  return std::get<std::string>(value);
}

[[noreturn]] void throw_other_type(std::string_view name, const parameter_value& value,
                                   std::string_view wanted) {
  throw_usage("parameter \"" + std::string{name} + "\" is " + text_of(value) + ", which is no " +
              std::string{wanted});
}

}  // namespace

bool trial::has(std::string_view name) const { return find(*this, name) != nullptr; }

std::string trial::json() const {
  std::string text = "{";
  for (const auto& [name, value] : params) {
    if (text.size() > 1) text += ",";
    text += tuner::json_quoted(name) + ":" + text_of(value);
  }
  return text + "}";
}

verdict trial::report(std::int64_t step, double value) const {
  auto* task = detail::current_task();
  if (task == nullptr)
    throw_usage(
        "report is called outside of a function that study::optimize runs; study::report is "
        "for trials that were asked for");
  const auto run = std::to_string(task->id) + "#" + std::to_string(task->attempt);
  return actors::verdict_in(
      task->ask_owner(study, actors::note_of({number, attempt, run, step, value})));
}

namespace detail {

std::int64_t whole_value(const trial& of, std::string_view name, std::int64_t low,
                         std::uint64_t high) {
  const auto& value = value_named(of, name);
  std::optional<std::int64_t> found;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) found = *whole;
  if (const auto* word = std::get_if<std::string>(&value))
    found = tuner::number_in<std::int64_t>(*word);
  if (!found) throw_other_type(name, value, "whole number");
  const bool fits = *found >= low && (*found < 0 || static_cast<std::uint64_t>(*found) <= high);
  if (!fits) throw_other_type(name, value, "value of that integer type");
  return *found;
}

double real_value(const trial& of, std::string_view name) {
  const auto& value = value_named(of, name);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto found = tuner::number_in<double>(std::get<std::string>(value))) return *found;
  throw_other_type(name, value, "number");
}

bool truth_value(const trial& of, std::string_view name) {
  const auto& value = value_named(of, name);
  const auto* word = std::get_if<std::string>(&value);
  if (word != nullptr && (*word == "true" || *word == "false")) return *word == "true";
  throw_other_type(name, value, "truth value");
}

std::string text_value(const trial& of, std::string_view name) {
  const auto& value = value_named(of, name);
  if (const auto* word = std::get_if<std::string>(&value))
    return tuner::json_unquoted(*word).value_or(*word);
  throw_other_type(name, value, "choice");
}

}  // namespace detail

}  // namespace fabric
