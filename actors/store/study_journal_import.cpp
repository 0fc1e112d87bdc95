#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "actors/store/study_journal_file.hpp"

/// Studies of the tables as records of the journal.
namespace fabric::store {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> state_names = {"RUNNING", "COMPLETE", "PRUNED", "FAIL",
                                                         "WAITING"};
constexpr const char* own_worker = "fabric";

struct stored_trial {
  std::int64_t id = 0;
  json record;
};

/// A value of JSON's, or as Python writes the three that JSON has no word for.
json value_of(const sql::cursor& row, int column, std::string_view type) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (type == "INF_POS") return special_number(infinity);
  if (type == "INF_NEG") return special_number(-infinity);
  if (type == "NAN") return special_number(std::numeric_limits<double>::quiet_NaN());
  return row.real(column);
}

json time_of(const sql::cursor& row, int column) {
  if (row.is_null(column)) return nullptr;
  auto text = row.text(column);
  if (text.size() > 10) text[10] = 'T';
  constexpr std::size_t whole_seconds = 19;
  constexpr std::size_t with_fraction = 26;
  if (text.size() > whole_seconds) text.resize(with_fraction, '0');
  return text;
}

/// Calls `use` with each row.
template <class Use>
result<void> each_row(sql::cursor rows, Use use) {
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return {};
    use(rows);
  }
}

json parsed(std::string_view text) {
  auto value = read_python_json(text);
  return value.is_discarded() ? json() : value;
}

/// 0 where there is no such study.
result<std::int64_t> row_of_study(sql::connection& file, std::string_view study) {
  std::int64_t id = 0;
  auto read = each_row(file.with("SELECT study_id FROM studies WHERE study_name = ?", study),
                       [&](const sql::cursor& row) { id = row.integer(0); });
  if (!read) return read.error();
  return id;
}

/// Those that the journal does not know and that have ended or wait.
result<std::vector<stored_trial>> trials_of(sql::connection& file, std::int64_t study_id,
                                            std::int64_t id) {
  std::vector<stored_trial> found;
  auto read = each_row(
      file.with("SELECT trial_id, state, datetime_start, datetime_complete FROM trials t"
                " WHERE study_id = ? AND state <> 'RUNNING' AND NOT EXISTS (SELECT 1"
                " FROM fabric_journal_trial j WHERE j.trial_id = t.trial_id) ORDER BY trial_id",
                study_id),
      [&](const sql::cursor& row) {
        const auto state = std::ranges::find(state_names, row.bytes(1)) - state_names.begin();
        json record = {{"op_code", static_cast<int>(journal_op::create_trial)},
                       {"worker_id", own_worker},
                       {"study_id", id},
                       {"state", state},
                       {"datetime_start", time_of(row, 2)},
                       {"value", nullptr},
                       {"values", nullptr},
                       {"distributions", json::object()},
                       {"params", json::object()},
                       {"user_attrs", json::object()},
                       {"system_attrs", json::object()},
                       {"intermediate_values", json::object()}};
        if (!row.is_null(3)) record["datetime_complete"] = time_of(row, 3);
        found.push_back({row.integer(0), std::move(record)});
      });
  if (!read) return read.error();
  return found;
}

result<void> add_details(sql::connection& file, stored_trial& to) {
  auto& record = to.record;
  auto read =
      each_row(file.with("SELECT param_name, param_value, distribution_json FROM trial_params"
                         " WHERE trial_id = ?",
                         to.id),
               [&](const sql::cursor& row) {
                 record["params"][row.text(0)] = row.real(1);
                 record["distributions"][row.text(0)] = row.text(2);
               });
  if (!read) return read;
  json values = json::array();
  read =
      each_row(file.with("SELECT value, value_type FROM trial_values WHERE trial_id = ?"
                         " ORDER BY objective",
                         to.id),
               [&](const sql::cursor& row) { values.push_back(value_of(row, 0, row.bytes(1))); });
  if (!read) return read;
  if (values.size() == 1) record["value"] = values.front();
  if (values.size() > 1) record["values"] = std::move(values);
  read = each_row(file.with("SELECT step, intermediate_value, intermediate_value_type"
                            " FROM trial_intermediate_values WHERE trial_id = ?",
                            to.id),
                  [&](const sql::cursor& row) {
                    record["intermediate_values"][std::to_string(row.integer(0))] =
                        value_of(row, 1, row.bytes(2));
                  });
  if (!read) return read;
  read = each_row(
      file.with("SELECT key, value_json FROM trial_user_attributes WHERE trial_id = ?", to.id),
      [&](const sql::cursor& row) { record["user_attrs"][row.text(0)] = parsed(row.bytes(1)); });
  if (!read) return read;
  return each_row(
      file.with("SELECT key, value_json FROM trial_system_attributes WHERE trial_id = ?", to.id),
      [&](const sql::cursor& row) { record["system_attrs"][row.text(0)] = parsed(row.bytes(1)); });
}

}  // namespace

result<std::vector<study_journal::imported>> study_journal::import(std::string_view study,
                                                                   std::int64_t id) {
  auto& rows = file_->rows;
  std::vector<imported> records;
  auto found = row_of_study(rows, study);
  if (!found) return found.error();
  const auto study_id = *found;
  if (study_id == 0) return records;
  json directions = json::array();
  auto read = each_row(rows.with("SELECT direction FROM study_directions WHERE study_id = ?"
                                 " ORDER BY objective",
                                 study_id),
                       [&](const sql::cursor& row) {
                         const auto name = row.bytes(0);
                         directions.push_back(name == "MAXIMIZE" ? 2 : name == "MINIMIZE" ? 1 : 0);
                       });
  if (!read) return read.error();
  const auto add = [&](const json& record, std::int64_t row) {
    records.push_back({text_of(record), row});
  };
  add({{"op_code", static_cast<int>(journal_op::create_study)},
       {"worker_id", own_worker},
       {"study_name", study},
       {"directions", directions}},
      study_id);
  const auto add_attr = [&](journal_op op, const char* field) {
    return [&add, op, field, id](const sql::cursor& row) {
      json attr = json::object();
      attr[row.text(0)] = parsed(row.bytes(1));
      add({{"op_code", static_cast<int>(op)},
           {"worker_id", own_worker},
           {"study_id", id},
           {field, std::move(attr)}},
          0);
    };
  };
  read = each_row(
      rows.with("SELECT key, value_json FROM study_user_attributes WHERE study_id = ?", study_id),
      add_attr(journal_op::set_study_user_attr, "user_attr"));
  if (!read) return read.error();
  read = each_row(
      rows.with("SELECT key, value_json FROM study_system_attributes WHERE study_id = ?", study_id),
      add_attr(journal_op::set_study_system_attr, "system_attr"));
  if (!read) return read.error();
  auto trials = import_more(study, id);
  if (!trials) return trials;
  std::ranges::move(*trials, std::back_inserter(records));
  return records;
}

result<std::vector<study_journal::imported>> study_journal::import_more(std::string_view study,
                                                                        std::int64_t id) {
  auto study_id = row_of_study(file_->rows, study);
  if (!study_id) return study_id.error();
  auto trials = trials_of(file_->rows, *study_id, id);
  if (!trials) return trials.error();
  std::vector<imported> records;
  for (auto& each : *trials) {
    if (auto added = add_details(file_->rows, each); !added) return added.error();
    records.push_back({text_of(each.record), each.id});
  }
  return records;
}

/// Looks at trials from the first one on that the journal did not know by the last look. Rows of
/// other sessions may show after rows with higher ids.
result<bool> study_journal::has_news() {
  constexpr std::int64_t ids_in_flight_max = 1'000;
  auto& rows = file_->rows;
  auto studies = unknown();
  if (!studies) return studies.error();
  auto last = rows.integer("SELECT coalesce(max(trial_id), 0) FROM trials");
  if (!last) return last.error();
  auto& from = file_->known_below;
  std::int64_t first_unknown = std::max(from, *last + 1 - ids_in_flight_max);
  bool has_ended = false;
  auto read = each_row(
      rows.with("SELECT t.trial_id, CASE t.state WHEN 'RUNNING' THEN 0 ELSE 1 END FROM trials t"
                " JOIN fabric_journal_study s ON s.study_id = t.study_id WHERE t.trial_id >= ?"
                " AND NOT EXISTS (SELECT 1 FROM fabric_journal_trial j"
                " WHERE j.trial_id = t.trial_id)",
                from),
      [&](const sql::cursor& row) {
        first_unknown = std::min(first_unknown, row.integer(0));
        has_ended = has_ended || row.integer(1) != 0;
      });
  if (!read) return read.error();
  from = first_unknown;
  return has_ended || !studies->empty();
}

}  // namespace fabric::store
