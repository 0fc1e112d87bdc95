#include "actors/store/study_journal_rows.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "actors/store/local_time.hpp"
#include "actors/store/study_file.hpp"
#include "actors/store/study_journal_leases.hpp"

namespace fabric::store {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> state_names = {"RUNNING", "COMPLETE", "PRUNED", "FAIL",
                                                         "WAITING"};

/// "2026-11-23T09:09:56.650230+00:00" as Optuna's tables have it.
std::optional<std::string> time_of(const json& fields, const char* name) {
  const auto found = fields.find(name);
  if (found == fields.end() || !found->is_string()) return std::nullopt;
  constexpr std::size_t size = std::string_view{"2026-11-23T09:09:56.650230"}.size();
  auto text = found->get<std::string>().substr(0, size);
  if (ms_of_local_time(text) == 0) {
    if (text.size() > 10) text[10] = ' ';
    if (ms_of_local_time(text) == 0) return std::nullopt;
  }
  text[10] = ' ';
  return text;
}

std::int64_t ms_of(const std::optional<std::string>& time) {
  return time ? ms_of_local_time(*time) : 0;
}

std::string_view type_of(double value) {
  if (std::isnan(value)) return "NAN";
  if (std::isfinite(value)) return "FINITE";
  return value > 0 ? "INF_POS" : "INF_NEG";
}

std::optional<double> finite(double value) {
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// A key of `intermediate_values`; 0 for what is no number.
std::int64_t step_of(const std::string& text) {
  std::int64_t step = 0;
  std::from_chars(text.data(), text.data() + text.size(), step);
  return step;
}

class row_writer {
 public:
  row_writer(sql::connection& file, journal_ids& ids, const tuner_mark& who,
             const journal_entry& entry, const json& fields)
      : file_(file), ids_(ids), who_(who), entry_(entry), fields_(fields) {}

  result<void> make_study();
  result<void> delete_study();
  result<void> make_trial();
  result<void> change_state();
  result<void> study_attr(bool is_users);
  result<void> trial_attr(std::int64_t trial_id, bool is_users, const std::string& key,
                          const json& value);
  result<void> param(std::int64_t trial_id, const std::string& name, double internal,
                     const std::string& distribution);
  result<void> report(std::int64_t trial_id, std::int64_t step, double value);
  [[nodiscard]] std::int64_t trial_row() const { return ids_.trials[entry_.about]; }

 private:
  result<void> insert_study();
  result<void> insert_trial(std::int64_t study_id);
  result<void> values(std::int64_t trial_id);
  result<void> lease(std::int64_t trial_id, std::size_t state);
  result<std::int64_t> next_number(std::int64_t study_id);
  std::int64_t study_row() { return ids_.studies[fields_["study_id"].get<std::int64_t>()]; }

  sql::connection& file_;
  journal_ids& ids_;
  const tuner_mark& who_;
  const journal_entry& entry_;
  const json& fields_;
};

result<void> row_writer::make_study() {
  if (entry_.row != 0) {
    ids_.studies[entry_.made] = entry_.row;
  } else if (auto made = insert_study(); !made) {
    return made;
  }
  const auto id = ids_.studies[entry_.made];
  auto known = file_
                   .with("INSERT INTO fabric_journal_study (id, study_id, name) VALUES (?, ?, ?)",
                         entry_.made, id, fields_["study_name"].get<std::string>())
                   .run();
  if (!known) return known;
  auto uid = mark_study(file_, id);
  if (!uid) return uid.error();
  return file_.with("INSERT INTO fabric_journal_uid (id, uid) VALUES (?, ?)", entry_.made, *uid)
      .run();
}

result<void> row_writer::insert_study() {
  std::int64_t id = 0;
  {
    auto made = file_.with("INSERT INTO studies (study_name) VALUES (?) RETURNING study_id",
                           fields_["study_name"].get<std::string>());
    auto more = made.next();
    if (!more) return more.error();
    id = made.integer(0);
  }
  ids_.studies[entry_.made] = id;
  std::int64_t objective = 0;
  for (const auto& direction : fields_["directions"]) {
    const std::string_view name = direction == 2   ? "MAXIMIZE"
                                  : direction == 1 ? "MINIMIZE"
                                                   : "NOT_SET";
    auto directed = file_
                        .with(
                            "INSERT INTO study_directions (direction, study_id, objective)"
                            " VALUES (?, ?, ?)",
                            name, id, objective++)
                        .run();
    if (!directed) return directed;
  }
  std::int64_t position = 0;
  for (const auto& definition : entry_.space) {
    auto added = file_
                     .with(
                         "INSERT INTO fabric_parameter (study_id, position, definition)"
                         " VALUES (?, ?, ?)",
                         id, position++, definition)
                     .run();
    if (!added) return added;
  }
  return {};
}

result<void> row_writer::delete_study() {
  const auto id = fields_["study_id"].get<std::int64_t>();
  if (entry_.row != rows_are_gone)
    if (auto gone = remove_rows(file_, ids_.studies[id]); !gone) return gone;
  for (const auto* deletion : {"DELETE FROM fabric_journal_study WHERE id = ?",
                               "DELETE FROM fabric_journal_uid WHERE id = ?"})
    if (auto gone = file_.with(deletion, id).run(); !gone) return gone;
  return {};
}

/// One look at all trials of a study, and from then on at those that others add.
result<std::int64_t> row_writer::next_number(std::int64_t study_id) {
  auto& seen = ids_.seen[study_id];
  auto rows = file_.with(
      "SELECT max(trial_id), max(number) FROM trials WHERE trial_id > ? AND study_id = ?",
      seen.last_trial, study_id);
  auto more = rows.next();
  if (!more) return more.error();
  if (!rows.is_null(0)) {
    seen.last_trial = rows.integer(0);
    seen.next = std::max(seen.next, rows.integer(1) + 1);
  }
  return seen.next;
}

result<void> row_writer::insert_trial(std::int64_t study_id) {
  auto number = next_number(study_id);
  if (!number) return number.error();
  const auto start = time_of(fields_, "datetime_start");
  const auto complete = time_of(fields_, "datetime_complete");
  std::int64_t id = 0;
  {
    auto made = file_.with(
        "INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete)"
        " VALUES (?, ?, ?, ?, ?) RETURNING trial_id",
        *number, study_id, state_names.at(fields_.value("state", std::size_t{0})), start, complete);
    auto more = made.next();
    if (!more) return more.error();
    id = made.integer(0);
  }
  ids_.trials[entry_.made] = id;
  for (const auto& each : entry_.where) {
    if (auto set = param(id, each.name, each.internal, each.distribution); !set) return set;
  }
  if (!entry_.key.empty()) {
    auto added =
        file_
            .with(
                "INSERT INTO fabric_point (trial_id, study_id, number, key, attempt, node,"
                " start_ms, complete_ms) VALUES (?, ?, ?, ?, 1, '', ?, ?)",
                id, study_id, *number, sql::blob{entry_.key}, ms_of(start), ms_of(complete))
            .run();
    if (!added) return added;
  }
  for (const auto& [name, value] : object_in(fields_, "params").items()) {
    auto set = param(id, name, number_of(value).value_or(0),
                     fields_["distributions"][name].get<std::string>());
    if (!set) return set;
  }
  for (const bool is_users : {true, false}) {
    for (const auto& [key, value] :
         object_in(fields_, is_users ? "user_attrs" : "system_attrs").items()) {
      if (auto set = trial_attr(id, is_users, key, value); !set) return set;
    }
  }
  for (const auto& [step, value] : object_in(fields_, "intermediate_values").items()) {
    auto set = report(id, step_of(step), number_of(value).value_or(0));
    if (!set) return set;
  }
  const auto state = fields_.value("state", std::size_t{0});
  if (auto leased = lease(id, state); !leased) return leased;
  return values(id);
}

result<void> row_writer::make_trial() {
  if (entry_.row != 0) {
    ids_.trials[entry_.made] = entry_.row;
  } else if (auto made = insert_trial(study_row()); !made) {
    return made;
  }
  return file_
      .with("INSERT INTO fabric_journal_trial (id, trial_id) VALUES (?, ?)", entry_.made,
            ids_.trials[entry_.made])
      .run();
}

result<void> row_writer::values(std::int64_t trial_id) {
  json all = fields_.value("values", json());
  if (all.is_null() && fields_.contains("value") && !fields_["value"].is_null()) {
    all = json::array({fields_["value"]});
  }
  std::int64_t objective = 0;
  for (const auto& each : all) {
    const auto value = number_of(each).value_or(0);
    const auto at = objective++;
    if (std::isnan(value)) continue;
    auto set = file_
                   .with(
                       "INSERT INTO trial_values (trial_id, objective, value, value_type)"
                       " VALUES (?, ?, ?, ?) ON CONFLICT (trial_id, objective) DO UPDATE SET"
                       " value = excluded.value, value_type = excluded.value_type",
                       trial_id, at, finite(value), type_of(value))
                   .run();
    if (!set) return set;
  }
  return {};
}

result<void> row_writer::change_state() {
  const auto id = trial_row();
  const auto state = fields_["state"].get<std::size_t>();
  const auto start = time_of(fields_, "datetime_start");
  const auto complete = time_of(fields_, "datetime_complete");
  auto set = file_
                 .with(
                     "UPDATE trials SET state = ?2, datetime_start = coalesce(?3, datetime_start),"
                     " datetime_complete = coalesce(?4, datetime_complete) WHERE trial_id = ?1",
                     id, state_names.at(state), start, complete)
                 .run();
  if (!set) return set;
  auto noted = file_
                   .with(
                       "UPDATE fabric_point SET"
                       " complete_ms = coalesce(nullif(CAST(?2 AS BIGINT), 0), complete_ms),"
                       " start_ms = coalesce(nullif(CAST(?3 AS BIGINT), 0), start_ms)"
                       " WHERE trial_id = ?1",
                       id, ms_of(complete), ms_of(start))
                   .run();
  if (!noted) return noted;
  if (entry_.gives_back) {
    auto freed = file_.with("UPDATE fabric_point SET key = NULL WHERE trial_id = ?", id).run();
    if (!freed) return freed;
  }
  if (auto leased = lease(id, state); !leased) return leased;
  return values(id);
}

result<void> row_writer::lease(std::int64_t trial_id, std::size_t state) {
  if (state_names.at(state) == "RUNNING") return lease_served(file_, who_, trial_id);
  return end_lease(file_, trial_id);
}

result<void> row_writer::study_attr(bool is_users) {
  const auto& attrs = fields_[is_users ? "user_attr" : "system_attr"];
  const auto item = attrs.begin();
  return file_
      .with(is_users ? "INSERT INTO study_user_attributes (study_id, key, value_json)"
                       " VALUES (?, ?, ?) ON CONFLICT (study_id, key) DO UPDATE SET"
                       " value_json = excluded.value_json"
                     : "INSERT INTO study_system_attributes (study_id, key, value_json)"
                       " VALUES (?, ?, ?) ON CONFLICT (study_id, key) DO UPDATE SET"
                       " value_json = excluded.value_json",
            study_row(), item.key(), text_of(item.value()))
      .run();
}

result<void> row_writer::trial_attr(std::int64_t trial_id, bool is_users, const std::string& key,
                                    const json& value) {
  return file_
      .with(is_users ? "INSERT INTO trial_user_attributes (trial_id, key, value_json)"
                       " VALUES (?, ?, ?) ON CONFLICT (trial_id, key) DO UPDATE SET"
                       " value_json = excluded.value_json"
                     : "INSERT INTO trial_system_attributes (trial_id, key, value_json)"
                       " VALUES (?, ?, ?) ON CONFLICT (trial_id, key) DO UPDATE SET"
                       " value_json = excluded.value_json",
            trial_id, key, text_of(value))
      .run();
}

result<void> row_writer::param(std::int64_t trial_id, const std::string& name, double internal,
                               const std::string& distribution) {
  return file_
      .with(
          "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json)"
          " VALUES (?, ?, ?, ?) ON CONFLICT (trial_id, param_name) DO UPDATE SET"
          " param_value = excluded.param_value, distribution_json = excluded.distribution_json",
          trial_id, name, internal, distribution)
      .run();
}

result<void> row_writer::report(std::int64_t trial_id, std::int64_t step, double value) {
  return file_
      .with(
          "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value,"
          " intermediate_value_type) VALUES (?, ?, ?, ?) ON CONFLICT (trial_id, step) DO UPDATE SET"
          " intermediate_value = excluded.intermediate_value,"
          " intermediate_value_type = excluded.intermediate_value_type",
          trial_id, step, finite(value), type_of(value))
      .run();
}

}  // namespace

result<void> write_rows(sql::connection& file, journal_ids& ids, const tuner_mark& who,
                        const journal_entry& entry) {
  auto record = read_journal_record(entry.text);
  if (!record) return record.error();
  const auto& fields = record->fields;
  if (entry.row == rows_are_gone && record->op != journal_op::delete_study) return {};
  row_writer rows(file, ids, who, entry, fields);
  switch (record->op) {
    case journal_op::create_study: return rows.make_study();
    case journal_op::delete_study: return rows.delete_study();
    case journal_op::set_study_user_attr: return rows.study_attr(true);
    case journal_op::set_study_system_attr: return rows.study_attr(false);
    case journal_op::create_trial: return rows.make_trial();
    case journal_op::set_trial_param:
      return rows.param(rows.trial_row(), fields["param_name"].get<std::string>(),
                        number_of(fields["param_value_internal"]).value_or(0),
                        fields["distribution"].get<std::string>());
    case journal_op::set_trial_state_values: return rows.change_state();
    case journal_op::set_trial_intermediate_value:
      return rows.report(rows.trial_row(), fields["step"].get<std::int64_t>(),
                         number_of(fields["intermediate_value"]).value_or(0));
    case journal_op::set_trial_user_attr:
    case journal_op::set_trial_system_attr: {
      const bool is_users = record->op == journal_op::set_trial_user_attr;
      const auto item = fields[is_users ? "user_attr" : "system_attr"].begin();
      return rows.trial_attr(rows.trial_row(), is_users, item.key(), item.value());
    }
  }
  return {};
}

}  // namespace fabric::store
