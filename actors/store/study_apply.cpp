#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "actors/store/distribution.hpp"
#include "actors/store/journal_record.hpp"
#include "actors/store/local_time.hpp"
#include "actors/store/study_file.hpp"
#include "actors/store/study_schema.hpp"
#include "scheduler/tuner/retried.hpp"

/// Writes rows of a study: one transaction, in which nobody else writes.
namespace fabric::store {

namespace {

using outcome = study_store::outcome;
using tuner::trial_state;

bool is_final(std::string_view state) {
  return state == "COMPLETE" || state == "PRUNED" || state == "FAIL";
}

fault bad_row(const tuner::trial& row, const std::string& what) {
  return {fault_code::usage, "trial " + std::to_string(row.number) + " " + what, ""};
}

result<void> check(const study_store::change& what, const tuner::space& over,
                   std::size_t objectives) {
  const auto& row = what.row;
  const bool is_kept_outside = !what.is_new && row.where.empty();
  if (!is_kept_outside && !over.contains(row.where)) return bad_row(row, "lies outside the space");
  if (row.key.empty()) return bad_row(row, "has no key");
  if (row.number > static_cast<tuner::trial_number>(std::numeric_limits<std::int64_t>::max() / 2)) {
    return bad_row(row, "has no possible number");
  }
  const auto is_nan = [](double number) { return std::isnan(number); };
  if (std::ranges::any_of(row.values, is_nan)) {
    return bad_row(row, "has a value that is no number");
  }
  if (std::ranges::any_of(row.constraints, is_nan)) {
    return bad_row(row, "has a constraint that is no number");
  }
  const auto given = row.values.size();
  if (row.state == trial_state::complete && given == 0) {
    return bad_row(row, "is COMPLETE without a value");
  }
  if (given > objectives || (row.state == trial_state::complete && given < objectives)) {
    return bad_row(row, "has " + std::to_string(given) + " values for " +
                            std::to_string(objectives) + " objectives");
  }
  for (const auto& [key, json] : row.user_attrs) {
    if (!nlohmann::json::accept(json)) {
      return bad_row(row, "has an attribute " + key + " that is no JSON");
    }
  }
  return {};
}

/// As Python's json.dumps writes a list of them.
std::string text_of_numbers(const std::vector<double>& numbers) {
  auto list = nlohmann::json::array();
  for (const double each : numbers)
    list.push_back(std::isfinite(each) ? nlohmann::json(each) : special_number(each));
  return text_of(list);
}

result<std::size_t> objectives_of(sql::connection& file, std::int64_t study_id) {
  auto found = file.with("SELECT count(*) FROM study_directions WHERE study_id = ?", study_id);
  auto more = found.next();
  if (!more) return more.error();
  return static_cast<std::size_t>(std::max<std::int64_t>(found.integer(0), 1));
}

/// The rows of one study, inside of a transaction that the caller owns.
class row_writer {
 public:
  row_writer(sql::connection& file, std::int64_t study_id, const tuner::space& over,
             numbers_seen& numbers, std::string_view tuner)
      : file_(file), study_id_(study_id), over_(over), numbers_(numbers), tuner_(tuner) {
    for (const auto& parameter : over.parameters()) {
      distributions_.push_back(distribution_text(parameter));
    }
  }

  /// Takes note of what others wrote since the last look.
  result<void> catch_up();
  result<outcome> insert(const study_store::change& what, tuner::trial_number& number);
  result<outcome> update(const study_store::change& what);
  result<outcome> report(const study_store::report& what);

 private:
  struct known {
    std::int64_t trial_id = 0;
    std::string state;
    std::uint32_t attempt = 0;
    bool owns_point = false;
  };

  result<void> forget_what_is_gone();
  result<void> adopt(std::int64_t first, std::int64_t last);
  result<std::optional<std::int64_t>> owner_of(std::string_view key);
  result<std::optional<known>> find(const tuner::trial& row);
  result<std::optional<std::int64_t>> failed_of(tuner::trial_number number, std::string_view key);
  result<void> give_back(std::int64_t failed, tuner::trial_number to);
  result<void> add_point(std::int64_t trial_id, const tuner::trial& row, bool owns);
  result<void> add_params(std::int64_t trial_id, const tuner::point& where);
  result<void> add_details(std::int64_t trial_id, const tuner::trial& row);
  result<void> note_holder(std::int64_t trial_id, const tuner::trial& row);
  result<void> set_system_attribute(std::int64_t trial_id, std::string_view key,
                                    const std::string& json);

  sql::connection& file_;
  std::int64_t study_id_;
  const tuner::space& over_;
  numbers_seen& numbers_;
  std::string_view tuner_;  ///< whoever writes; empty: nobody who may be asked for it later
  std::vector<std::string> distributions_;
};

/// A study may have been deleted and its ids given to another one.
result<void> row_writer::forget_what_is_gone() {
  if (numbers_.last_trial == 0) return {};
  auto rows = file_.with("SELECT 1 FROM trials WHERE trial_id = ? AND study_id = ? AND number = ?",
                         numbers_.last_trial, study_id_, numbers_.last_number);
  auto more = rows.next();
  if (!more) return more.error();
  if (!*more) numbers_ = {};
  return {};
}

result<void> row_writer::catch_up() {
  if (auto sure = forget_what_is_gone(); !sure) return sure;
  std::int64_t first_foreign = 0;
  std::int64_t last_foreign = 0;
  {
    auto rows = file_.with(
        "SELECT t.trial_id, t.number, p.trial_id FROM trials t LEFT JOIN fabric_point p"
        " ON p.trial_id = t.trial_id WHERE t.trial_id > ? AND t.study_id = ? ORDER BY t.trial_id",
        numbers_.last_trial, study_id_);
    for (;;) {
      auto more = rows.next();
      if (!more) return more.error();
      if (!*more) break;
      numbers_.last_trial = rows.integer(0);
      numbers_.last_number = rows.integer(1);
      if (numbers_.last_number >= 0) {
        numbers_.taken.take(static_cast<tuner::trial_number>(numbers_.last_number));
      }
      if (!rows.is_null(2)) continue;
      if (first_foreign == 0) first_foreign = numbers_.last_trial;
      last_foreign = numbers_.last_trial;
    }
  }
  return first_foreign == 0 ? result<void>() : adopt(first_foreign, last_foreign);
}

result<void> row_writer::adopt(std::int64_t first, std::int64_t last) {
  auto found = read_trials(file_, study_id_, over_, first, last);
  if (!found) return found.error();
  for (const auto& each : *found) {
    if (!each.is_foreign || each.row.where.empty()) continue;
    auto owner = owner_of(each.row.key);
    if (!owner) return owner.error();
    if (auto added = add_point(each.trial_id, each.row, !owner->has_value()); !added) return added;
    // What Optuna enqueued has its parameters from now on, as what we enqueue has.
    if (each.row.state != trial_state::waiting) continue;
    if (auto added = add_params(each.trial_id, each.row.where); !added) return added;
  }
  return {};
}

result<std::optional<std::int64_t>> row_writer::owner_of(std::string_view key) {
  using answer = std::optional<std::int64_t>;
  auto rows = file_.with("SELECT trial_id FROM fabric_point WHERE study_id = ? AND key = ?",
                         study_id_, sql::blob{key});
  auto more = rows.next();
  if (!more) return more.error();
  return *more ? answer(rows.integer(0)) : answer();
}

/// The FAIL trial of that number with that point, where it was not tried again.
result<std::optional<std::int64_t>> row_writer::failed_of(tuner::trial_number number,
                                                          std::string_view key) {
  using answer = std::optional<std::int64_t>;
  auto rows = file_.with(
      "SELECT t.trial_id FROM fabric_point p JOIN trials t ON t.trial_id = p.trial_id"
      " WHERE p.study_id = ? AND p.number = ? AND (p.key IS NULL OR p.key = ?)"
      " AND t.state = 'FAIL' AND NOT EXISTS (SELECT 1 FROM trial_user_attributes a"
      " WHERE a.trial_id = t.trial_id AND a.key = ?) ORDER BY t.trial_id",
      study_id_, static_cast<std::int64_t>(number), sql::blob{key}, tuner::retried_as);
  auto more = rows.next();
  if (!more) return more.error();
  return *more ? answer(rows.integer(0)) : answer();
}

result<void> row_writer::give_back(std::int64_t failed, tuner::trial_number to) {
  auto freed = file_.with("UPDATE fabric_point SET key = NULL WHERE trial_id = ?", failed).run();
  if (!freed) return freed;
  return file_
      .with(
          "INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (?, ?, ?)"
          " ON CONFLICT (trial_id, key) DO NOTHING",
          failed, tuner::retried_as, std::to_string(to))
      .run();
}

result<outcome> row_writer::insert(const study_store::change& what, tuner::trial_number& number) {
  auto row = what.row;
  if (numbers_.taken.is_taken(row.number)) row.number = numbers_.taken.next();
  std::optional<std::int64_t> failed_id;
  if (what.retries) {
    auto failed = failed_of(*what.retries, row.key);
    if (!failed) return failed.error();
    if (!failed->has_value()) return outcome::conflict;
    failed_id = **failed;
  }
  if (what.unique_point) {
    auto owner = owner_of(row.key);
    if (!owner) return owner.error();
    if (owner->has_value() && *owner != failed_id) return outcome::conflict;
  }
  if (failed_id)
    if (auto given = give_back(*failed_id, row.number); !given) return given.error();
  std::int64_t trial_id = 0;
  {
    auto made = file_.with(
        "INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete)"
        " VALUES (?, ?, ?, ?, ?) RETURNING trial_id",
        static_cast<std::int64_t>(row.number), study_id_, tuner::name_of(row.state),
        local_time_text(row.start_ms), local_time_text(row.complete_ms));
    auto more = made.next();
    if (!more) return more.error();
    trial_id = made.integer(0);
  }
  if (auto added = add_params(trial_id, row.where); !added) return added.error();
  if (auto added = add_details(trial_id, row); !added) return added.error();
  if (auto added = add_point(trial_id, row, what.unique_point); !added) return added.error();
  if (auto held = note_holder(trial_id, row); !held) return held.error();
  number = row.number;
  numbers_.taken.take(row.number);
  numbers_.last_trial = trial_id;
  numbers_.last_number = static_cast<std::int64_t>(row.number);
  return outcome::stored;
}

result<void> row_writer::add_point(std::int64_t trial_id, const tuner::trial& row, bool owns) {
  std::optional<sql::blob> key;
  if (owns) key = sql::blob{row.key};
  return file_
      .with(
          "INSERT INTO fabric_point (trial_id, study_id, number, key, attempt, node, start_ms,"
          " complete_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          trial_id, study_id_, static_cast<std::int64_t>(row.number), key,
          std::int64_t{row.attempt}, row.node, row.start_ms, row.complete_ms)
      .run();
}

result<void> row_writer::add_details(std::int64_t trial_id, const tuner::trial& row) {
  std::int64_t objective = 0;
  for (const double value : row.values) {
    const bool is_finite = std::isfinite(value);
    const std::string_view type = is_finite ? "FINITE" : value > 0 ? "INF_POS" : "INF_NEG";
    auto set = file_
                   .with(
                       "INSERT INTO trial_values (trial_id, objective, value, value_type)"
                       " VALUES (?, ?, ?, ?) ON CONFLICT (trial_id, objective) DO UPDATE SET"
                       " value = excluded.value, value_type = excluded.value_type",
                       trial_id, objective++,
                       is_finite ? std::optional<double>{value} : std::nullopt, type)
                   .run();
    if (!set) return set;
  }
  if (!row.constraints.empty()) {
    auto set =
        set_system_attribute(trial_id, constraints_attribute, text_of_numbers(row.constraints));
    if (!set) return set;
  }
  for (const auto& [key, json] : row.user_attrs) {
    auto set = file_
                   .with(
                       "INSERT INTO trial_user_attributes (trial_id, key, value_json)"
                       " VALUES (?, ?, ?) ON CONFLICT (trial_id, key) DO UPDATE SET"
                       " value_json = excluded.value_json",
                       trial_id, key, json)
                   .run();
    if (!set) return set;
  }
  return {};
}

result<void> row_writer::add_params(std::int64_t trial_id, const tuner::point& where) {
  for (std::size_t i = 0; i < distributions_.size(); ++i) {
    if (!over_.is_active(where, i)) continue;
    auto added = file_
                     .with(
                         "INSERT INTO trial_params (trial_id, param_name, param_value,"
                         " distribution_json) VALUES (?, ?, ?, ?)"
                         " ON CONFLICT (trial_id, param_name) DO NOTHING",
                         trial_id, over_.parameters()[i].name, internal_value(over_, where, i),
                         distributions_[i])
                     .run();
    if (!added) return added;
  }
  return {};
}

/// Keeps the job of an earlier holder, so that the next one can find what still runs.
result<void> row_writer::note_holder(std::int64_t trial_id, const tuner::trial& row) {
  if (tuner_.empty() || row.state != trial_state::running)
    return file_.with("DELETE FROM fabric_lease WHERE trial_id = ?", trial_id).run();
  return file_
      .with(
          "INSERT INTO fabric_lease (trial_id, study_id, number, tuner, job) VALUES (?, ?, ?, ?, 0)"
          " ON CONFLICT (trial_id) DO UPDATE SET tuner = excluded.tuner",
          trial_id, study_id_, static_cast<std::int64_t>(row.number), tuner_)
      .run();
}

/// The trial of that number whose point is this one, where it owns one: in files that Optuna wrote
/// to, a number may occur twice.
result<std::optional<row_writer::known>> row_writer::find(const tuner::trial& row) {
  auto rows = file_.with(
      "SELECT t.trial_id, t.state, p.attempt, p.key IS NOT NULL FROM fabric_point p"
      " JOIN trials t ON t.trial_id = p.trial_id WHERE p.study_id = ? AND p.number = ?"
      " AND (p.key IS NULL OR p.key = ?) ORDER BY t.trial_id",
      study_id_, static_cast<std::int64_t>(row.number), sql::blob{row.key});
  auto more = rows.next();
  if (!more) return more.error();
  if (!*more) return std::optional<known>();
  return std::optional<known>(known{rows.integer(0), rows.text(1),
                                    static_cast<std::uint32_t>(rows.integer(2)),
                                    rows.integer(3) != 0});
}

result<outcome> row_writer::report(const study_store::report& what) {
  std::int64_t trial_id = 0;
  {
    auto rows = file_.with(
        "SELECT t.trial_id FROM fabric_point p JOIN trials t ON t.trial_id = p.trial_id"
        " WHERE p.study_id = ? AND p.number = ? AND (p.key IS NULL OR p.key = ?)"
        " AND p.attempt = ? AND t.state = 'RUNNING' ORDER BY t.trial_id",
        study_id_, static_cast<std::int64_t>(what.number), sql::blob{what.key},
        std::int64_t{what.attempt});
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return outcome::conflict;
    trial_id = rows.integer(0);
  }
  if (what.is_first_of_run) {
    auto gone = file_
                    .with("DELETE FROM trial_intermediate_values WHERE trial_id = ? AND step >= ?",
                          trial_id, what.what.step)
                    .run();
    if (!gone) return gone.error();
  }
  const double value = what.what.value;
  const bool is_finite = std::isfinite(value);
  const std::string_view type = is_finite ? "FINITE" : value > 0 ? "INF_POS" : "INF_NEG";
  auto added = file_
                   .with(
                       "INSERT INTO trial_intermediate_values (trial_id, step,"
                       " intermediate_value, intermediate_value_type) VALUES (?, ?, ?, ?)",
                       trial_id, what.what.step,
                       is_finite ? std::optional<double>{value} : std::nullopt, type)
                   .run();
  if (!added) return added.error();
  if (!what.is_first_of_run && !what.is_told_to_stop) return outcome::stored;
  const nlohmann::json mark = {{"run", what.run}, {"stop", what.is_told_to_stop}};
  auto marked = set_system_attribute(trial_id, reports_attribute, mark.dump());
  if (!marked) return marked.error();
  return outcome::stored;
}

result<void> row_writer::set_system_attribute(std::int64_t trial_id, std::string_view key,
                                              const std::string& json) {
  return file_
      .with(
          "INSERT INTO trial_system_attributes (trial_id, key, value_json) VALUES (?, ?, ?)"
          " ON CONFLICT (trial_id, key) DO UPDATE SET value_json = excluded.value_json",
          trial_id, key, json)
      .run();
}

result<outcome> row_writer::update(const study_store::change& what) {
  const auto& row = what.row;
  auto found = find(row);
  if (!found) return found.error();
  if (!found->has_value() || is_final((*found)->state)) return outcome::conflict;
  const auto& old = **found;
  const bool is_new_lease = old.state == "RUNNING" && row.state == trial_state::running;
  const bool is_stale = is_new_lease ? row.attempt <= old.attempt : row.attempt < old.attempt;
  if (is_stale) return outcome::conflict;
  const bool takes_point = what.unique_point && !old.owns_point;
  if (takes_point) {
    auto owner = owner_of(row.key);
    if (!owner) return owner.error();
    if (owner->has_value()) return outcome::conflict;
  }
  auto set = file_
                 .with(
                     "UPDATE trials SET state = ?2, datetime_start = ?3, datetime_complete = ?4"
                     " WHERE trial_id = ?1",
                     old.trial_id, tuner::name_of(row.state), local_time_text(row.start_ms),
                     local_time_text(row.complete_ms))
                 .run();
  if (!set) return set.error();
  auto noted =
      file_
          .with(
              "UPDATE fabric_point SET attempt = ?2, node = ?3, start_ms = ?4,"
              " complete_ms = ?5, key = coalesce(key, ?6) WHERE trial_id = ?1",
              old.trial_id, std::int64_t{row.attempt}, row.node, row.start_ms, row.complete_ms,
              takes_point ? std::optional(sql::blob{row.key}) : std::nullopt)
          .run();
  if (!noted) return noted.error();
  if (auto added = add_details(old.trial_id, row); !added) return added.error();
  if (auto held = note_holder(old.trial_id, row); !held) return held.error();
  return outcome::stored;
}

}  // namespace

result<study_store::stored> study_store::apply(std::string_view study, const tuner::space& over,
                                               std::span<const change> changes,
                                               std::span<const report> reports) {
  return file_->rows.persistently([&] { return apply_once(study, over, changes, reports); });
}

result<study_store::stored> study_store::apply_once(std::string_view study,
                                                    const tuner::space& over,
                                                    std::span<const change> changes,
                                                    std::span<const report> reports) {
  for (const auto& parameter : over.parameters()) {
    if (auto fits = check_storable(parameter); !fits) return fits.error();
  }
  auto change = sql::transaction::begin(file_->rows);
  if (!change) return change.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  auto objectives = objectives_of(file_->rows, *id);
  if (!objectives) return objectives.error();
  for (const auto& each : changes) {
    if (auto good = check(each, over, *objectives); !good) return good.error();
  }
  if (auto own = make_own_tables(file_->rows); !own) return own.error();
  if (auto alone = lock_study(file_->rows, *id); !alone) return alone.error();
  // What was learned is kept only when it is committed.
  numbers_seen numbers;
  if (auto known = file_->seen.extract(*id)) numbers = std::move(known.mapped());
  const auto tuner = file_->tuner ? std::string_view{file_->tuner->who.id} : std::string_view{};
  row_writer writer(file_->rows, *id, over, numbers, tuner);
  if (auto ready = writer.catch_up(); !ready) return ready.error();
  stored answer;
  for (const auto& each : reports) {
    auto done = writer.report(each);
    if (!done) return done.error();
    answer.reports.push_back(*done);
  }
  std::map<tuner::trial_number, tuner::trial_number> moved;
  for (const auto& each : changes) {
    tuner::trial_number number = each.row.number;
    const auto filed = each.is_new ? moved.end() : moved.find(number);
    auto done = result<outcome>(outcome::stored);
    if (each.is_new) {
      done = writer.insert(each, number);
      if (number != each.row.number) moved[each.row.number] = number;
    } else if (filed == moved.end()) {
      done = writer.update(each);
    } else {
      auto as_filed = each;
      number = as_filed.row.number = filed->second;
      done = writer.update(as_filed);
    }
    if (!done) return done.error();
    answer.outcomes.push_back(*done);
    answer.numbers.push_back(number);
  }
  if (auto noted = file_->note_tuner(*id); !noted) return noted.error();
  if (auto done = change->commit(); !done) return done.error();
  file_->jobs.clear();
  file_->seen.emplace(*id, std::move(numbers));
  return answer;
}

}  // namespace fabric::store
