#include "actors/store/study_file.hpp"
#include "actors/store/study_schema.hpp"

/// Who evaluates which open trial.
namespace fabric::store {

namespace {

/// Columns from `first` on: tuner, place, pid, started.
tuner_mark mark_of(const sql::cursor& row, int first) {
  return {row.text(first), row.text(first + 1), row.integer(first + 2), row.integer(first + 3)};
}

/// The ids of the trials with this number: one, but in files that several Optunas raced on.
result<std::vector<std::int64_t>> ids_of(sql::connection& file, std::int64_t study_id,
                                         tuner::trial_number number) {
  std::vector<std::int64_t> ids;
  auto rows = file.with(
      "SELECT trial_id FROM fabric_point WHERE study_id = ? AND number = ? ORDER BY trial_id",
      study_id, static_cast<std::int64_t>(number));
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return ids;
    ids.push_back(rows.integer(0));
  }
}

result<std::map<tuner::trial_number, trial_holder>> holders_in(sql::connection& file,
                                                               std::int64_t study_id) {
  std::map<tuner::trial_number, trial_holder> found;
  auto known = has_tuner_tables(file);
  if (!known) return known.error();
  if (!*known) return found;
  auto rows = file.with(
      "SELECT l.number, l.job, t.beat, t.tuner, t.place, t.pid, t.started FROM fabric_lease l"
      " JOIN fabric_tuner t ON t.tuner = l.tuner WHERE l.study_id = ?",
      study_id);
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return found;
    found[static_cast<tuner::trial_number>(rows.integer(0))] = {
        mark_of(rows, 3), rows.integer(2), static_cast<std::uint64_t>(rows.integer(1))};
  }
}

}  // namespace

result<void> study_store::file::note_tuner(std::int64_t study_id) {
  if (!tuner) return {};
  const auto& who = tuner->who;
  auto known = rows.with(
                       "INSERT INTO fabric_tuner (tuner, study_id, beat, place, pid, started)"
                       " VALUES (?, ?, 0, ?, ?, ?) ON CONFLICT (tuner) DO NOTHING",
                       who.id, study_id, who.place, who.pid, who.started)
                   .run();
  if (!known) return known;
  for (const auto& [number, job] : jobs) {
    auto noted =
        rows.with(
                "UPDATE fabric_lease SET job = ? WHERE study_id = ? AND number = ?"
                " AND tuner = ?",
                static_cast<std::int64_t>(job), study_id, static_cast<std::int64_t>(number), who.id)
            .run();
    if (!noted) return noted;
  }
  return {};
}

result<void> study_store::enter(std::string_view study, tuner_mark who,
                                const std::vector<tuner_mark>& gone) {
  auto change = sql::transaction::begin(file_->rows);
  if (!change) return change.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  if (auto own = make_own_tables(file_->rows); !own) return own;
  for (const auto& each : gone) {
    auto swept = file_->rows
                     .with(
                         "DELETE FROM fabric_tuner WHERE tuner = ?1"
                         " AND NOT EXISTS (SELECT 1 FROM fabric_lease WHERE tuner = ?1)",
                         each.id)
                     .run();
    if (!swept) return swept;
  }
  file_->tuner = file::writer{std::string(study), std::move(who)};
  if (auto noted = file_->note_tuner(*id); !noted) return noted;
  return change->commit();
}

result<void> study_store::beat() {
  auto change = sql::transaction::begin(file_->rows);
  if (!change) return change.error();
  auto id = file_->id_of(file_->tuner->study);
  if (!id) return id.error();
  if (auto own = make_own_tables(file_->rows); !own) return own;
  if (auto noted = file_->note_tuner(*id); !noted) return noted;
  auto beaten =
      file_->rows
          .with("UPDATE fabric_tuner SET beat = beat + 1 WHERE tuner = ?", file_->tuner->who.id)
          .run();
  if (!beaten) return beaten;
  if (auto done = change->commit(); !done) return done;
  file_->jobs.clear();
  return {};
}

result<void> study_store::leave() {
  auto change = sql::transaction::begin(file_->rows);
  if (!change) return change.error();
  if (auto own = make_own_tables(file_->rows); !own) return own;
  const auto& id = file_->tuner->who.id;
  for (const auto* deletion :
       {"DELETE FROM fabric_lease WHERE tuner = ?", "DELETE FROM fabric_tuner WHERE tuner = ?"})
    if (auto gone = file_->rows.with(deletion, id).run(); !gone) return gone;
  if (auto done = change->commit(); !done) return done;
  file_->tuner.reset();
  return {};
}

void study_store::note_job(tuner::trial_number number, std::uint64_t job) {
  file_->jobs[number] = job;
}

result<std::map<tuner::trial_number, trial_holder>> study_store::holders(std::string_view study) {
  auto reading = sql::transaction::begin_reading(file_->rows);
  if (!reading) return reading.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  return holders_in(file_->rows, *id);
}

result<std::vector<tuner_mark>> study_store::tuners(std::string_view study) {
  auto reading = sql::transaction::begin_reading(file_->rows);
  if (!reading) return reading.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  std::vector<tuner_mark> found;
  auto known = has_tuner_tables(file_->rows);
  if (!known) return known.error();
  if (!*known) return found;
  auto rows = file_->rows.with(
      "SELECT tuner, place, pid, started FROM fabric_tuner WHERE study_id = ? ORDER BY tuner", *id);
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return found;
    found.push_back(mark_of(rows, 0));
  }
}

result<std::vector<tuner::trial>> study_store::enqueued(std::string_view study,
                                                        const tuner::space& over) {
  auto reading = sql::transaction::begin_reading(file_->rows);
  if (!reading) return reading.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  auto& seen = file_->looked_for_enqueued[*id];
  std::vector<std::int64_t> ids;
  {
    auto rows = file_->rows.with(
        "SELECT trial_id, state FROM trials WHERE trial_id > ? AND study_id = ? ORDER BY trial_id",
        seen, *id);
    for (;;) {
      auto more = rows.next();
      if (!more) return more.error();
      if (!*more) break;
      seen = rows.integer(0);
      if (rows.bytes(1) == "WAITING") ids.push_back(seen);
    }
  }
  std::vector<tuner::trial> all;
  for (const auto trial_id : ids) {
    auto found = read_trials(file_->rows, *id, over, trial_id, trial_id);
    if (!found) return found.error();
    for (auto& each : *found)
      if (!each.row.where.empty()) all.push_back(std::move(each.row));
  }
  return all;
}

result<std::vector<held_trial>> study_store::look_up(std::string_view study,
                                                     const tuner::space& over,
                                                     std::span<const tuner::trial_number> numbers) {
  auto reading = sql::transaction::begin_reading(file_->rows);
  if (!reading) return reading.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  auto holders = holders_in(file_->rows, *id);
  if (!holders) return holders.error();
  std::vector<held_trial> all;
  for (const auto number : numbers) {
    auto ids = ids_of(file_->rows, *id, number);
    if (!ids) return ids.error();
    for (const auto trial_id : *ids) {
      auto found = read_trials(file_->rows, *id, over, trial_id, trial_id);
      if (!found) return found.error();
      for (auto& each : *found) {
        const auto by = holders->find(number);
        all.push_back(
            {std::move(each.row), by == holders->end() ? std::nullopt : std::optional(by->second)});
      }
    }
  }
  return all;
}

}  // namespace fabric::store
