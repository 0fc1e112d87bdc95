#include <algorithm>
#include <nlohmann/json.hpp>

#include "actors/store/study_file.hpp"
#include "actors/store/study_url.hpp"
#include "scheduler/tuner/json_text.hpp"

/// What users note on a study or on a trial: Optuna's user attributes.
namespace fabric::store {

namespace {

constexpr std::size_t key_characters_max = 512;  // Optuna's columns hold as many

/// Python's json, and with it Optuna, gives up at about ten times as many.
constexpr int depth_max = 100;

/// How deep the brackets of a JSON text are nested.
int depth_of(std::string_view json) {
  int now = 0;
  int most = 0;
  bool is_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (is_string && json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      is_string = !is_string;
    } else if (!is_string && (json[i] == '[' || json[i] == '{')) {
      most = std::max(most, ++now);
    } else if (!is_string && (json[i] == ']' || json[i] == '}')) {
      --now;
    }
  }
  return most;
}

result<void> check(std::string_view key, std::string_view json) {
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto characters = static_cast<std::size_t>(std::ranges::count_if(key, is_first_byte));
  if (key.empty() || characters > key_characters_max || !tuner::is_utf8(key))
    return fault{fault_code::usage,
                 "an attribute's key has 1 to " + std::to_string(key_characters_max) +
                     " characters of UTF-8",
                 ""};
  if (key.find('\0') != std::string_view::npos || !nlohmann::json::accept(json))
    return fault{fault_code::usage, "attribute " + tuner::shown(key) + " is no JSON", ""};
  if (depth_of(json) > depth_max)
    return fault{fault_code::usage,
                 "attribute " + tuner::shown(key) + " is nested deeper than " +
                     std::to_string(depth_max) + " brackets",
                 "Optuna could not read it: flatten it, or keep it in a file"};
  return {};
}

/// Faults: not_found.
result<std::int64_t> id_of_trial(sql::connection& file, std::int64_t study_id,
                                 std::string_view study, tuner::trial_number number) {
  auto rows =
      file.with("SELECT trial_id FROM trials WHERE study_id = ? AND number = ? ORDER BY trial_id",
                study_id, static_cast<std::int64_t>(number));
  auto more = rows.next();
  if (!more) return more.error();
  if (*more) return rows.integer(0);
  return fault{fault_code::not_found,
               "the study '" + std::string(study) + "' has no trial " + std::to_string(number),
               "`fabricd study trials " + study_words(study, url_of(file)) + "` lists them"};
}

result<attributes_type> attributes_in(sql::cursor rows) {
  attributes_type found;
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return found;
    found.insert_or_assign(rows.text(0), rows.text(1));
  }
}

}  // namespace

result<attributes_type> study_store::attributes(std::string_view study,
                                                std::optional<tuner::trial_number> trial) {
  auto reading = sql::transaction::begin_reading(file_->rows);
  if (!reading) return reading.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  if (!trial)
    return attributes_in(file_->rows.with(
        "SELECT key, value_json FROM study_user_attributes WHERE study_id = ?", *id));
  auto trial_id = id_of_trial(file_->rows, *id, study, *trial);
  if (!trial_id) return trial_id.error();
  return attributes_in(file_->rows.with(
      "SELECT key, value_json FROM trial_user_attributes WHERE trial_id = ?", *trial_id));
}

result<void> study_store::set_attribute(std::string_view study,
                                        std::optional<tuner::trial_number> trial,
                                        std::string_view key, std::string_view json) {
  if (auto good = check(key, json); !good) return good;
  return file_->rows.persistently([&]() -> result<void> {
    auto change = sql::transaction::begin(file_->rows);
    if (!change) return change.error();
    auto id = file_->id_of(study);
    if (!id) return id.error();
    auto set = result<void>{};
    if (!trial) {
      set = file_->rows
                .with(
                    "INSERT INTO study_user_attributes (study_id, key, value_json)"
                    " VALUES (?, ?, ?) ON CONFLICT (study_id, key) DO UPDATE SET"
                    " value_json = excluded.value_json",
                    *id, key, json)
                .run();
    } else {
      auto trial_id = id_of_trial(file_->rows, *id, study, *trial);
      if (!trial_id) return trial_id.error();
      set = file_->rows
                .with(
                    "INSERT INTO trial_user_attributes (trial_id, key, value_json)"
                    " VALUES (?, ?, ?) ON CONFLICT (trial_id, key) DO UPDATE SET"
                    " value_json = excluded.value_json",
                    *trial_id, key, json)
                .run();
    }
    if (!set) return set;
    return change->commit();
  });
}

}  // namespace fabric::store
