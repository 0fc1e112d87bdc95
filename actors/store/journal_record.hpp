#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/result.hpp"

/// Records of Optuna's journal: one JSON object each, with an op_code.
namespace fabric::store {

enum class journal_op : std::uint8_t {
  create_study = 0,
  delete_study = 1,
  set_study_user_attr = 2,
  set_study_system_attr = 3,
  create_trial = 4,
  set_trial_param = 5,
  set_trial_state_values = 6,
  set_trial_intermediate_value = 7,
  set_trial_user_attr = 8,
  set_trial_system_attr = 9,
};

struct journal_record {
  journal_op op = journal_op::create_study;
  /// Python's NaN and Infinity stand in it as strings of their own; `number_of` and `text_of` know
  /// them.
  nlohmann::json fields;
};

/// Faults: bad_message, saying what is missing: every Optuna that reads a bad record would break.
result<journal_record> read_journal_record(std::string_view text);

/// A field that is an object; an empty one where it is missing.
const nlohmann::json& object_in(const nlohmann::json& fields, const char* name);

/// Nothing for null.
std::optional<double> number_of(const nlohmann::json& value);

/// Of a trial that failed because its worker was lost: its point is free again.
inline constexpr std::string_view lost_attribute = "fabric:lost";

/// The system attribute in which Optuna's samplers keep a trial's constraints: a list of numbers,
/// or null where they could not be told. What is no number is NaN, which no trial is feasible with.
inline constexpr std::string_view constraints_attribute = "constraints";
std::vector<double> constraints_of(const nlohmann::json& value);

/// What stands for NaN, Infinity or -Infinity in `fields`.
nlohmann::json special_number(double value);

/// What Python's json.dumps wrote, its three bare words included; discarded where it is none.
nlohmann::json read_python_json(std::string_view text);

/// As Python's json.dumps writes it.
std::string text_of(const nlohmann::json& value);

/// In place of a row: the study was deleted from the tables already.
inline constexpr std::int64_t rows_are_gone = -1;

/// A record of the journal as it is stored, and what it means for the studies' tables.
struct journal_entry {
  struct parameter {
    std::string name;
    double internal = 0;
    std::string distribution;
  };

  std::string text;
  bool counts = true;              ///< false: whoever replays the journal passes over it
  std::int64_t made = -1;          ///< in the journal: the study or trial that it makes
  std::int64_t about = -1;         ///< in the journal: the trial that it makes or changes
  std::int64_t row = 0;            ///< of a study or trial that is in the tables already; 0: none
  std::string key;                 ///< of the point that the trial has from now on; empty: none
  std::vector<parameter> where;    ///< that point
  std::vector<std::string> space;  ///< of a new study: its declared parameters
  bool gives_back = false;         ///< the trial's point is free again
};

}  // namespace fabric::store
