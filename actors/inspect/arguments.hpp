#pragma once

#include <cstdint>
#include <string>

#include "actors/inspect/json_views.hpp"
#include "actors/inspect/questions.hpp"

/// Reading a question's JSON arguments, and spelling its answers.
namespace fabric::actors::inspect {

/// A JSON object of which unknown fields are ignored. Faults: bad_message.
result<json> arguments_of(const question& what);

/// Empty, `otherwise` or false where the field is missing or of another type.
std::string text_at(const json& arguments, const char* key);
std::int64_t number_at(const json& arguments, const char* key, std::int64_t otherwise);
bool flag_at(const json& arguments, const char* key);

/// How many rows a listing may have: "limit", 100 where it is missing.
inline constexpr std::size_t list_limit_max = 100'000;
std::size_t limit_of(const json& arguments);

/// The job or task that "id" names. Faults: usage.
result<job_or_task> id_in(const json& arguments);

reply ready(const question& what, const json& body);
reply refused(const question& what, fault why);
fault unknown_task(const std::string& text);

}  // namespace fabric::actors::inspect
