#include "actors/store/study_journal_leases.hpp"

#include <string>
#include <vector>

namespace fabric::store {

namespace {

std::string name_of(const tuner_mark& who) { return std::string(server_prefix) + who.id; }

/// A pattern of SQL's LIKE.
std::string servers() { return std::string(server_prefix) + "%"; }

std::string name_in(const tuner_mark& who, std::int64_t study_id) {
  return name_of(who) + "-" + std::to_string(study_id);
}

}  // namespace

result<void> lease_served(sql::connection& file, const tuner_mark& who, std::int64_t trial_id) {
  std::int64_t study_id = 0;
  std::int64_t number = 0;
  {
    auto rows = file.with("SELECT study_id, number FROM trials WHERE trial_id = ?", trial_id);
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return {};
    study_id = rows.integer(0);
    number = rows.integer(1);
  }
  const auto name = name_in(who, study_id);
  auto known = file.with(
                       "INSERT INTO fabric_tuner (tuner, study_id, beat, place, pid, started)"
                       " VALUES (?, ?, 0, ?, ?, ?) ON CONFLICT (tuner) DO NOTHING",
                       name, study_id, who.place, who.pid, who.started)
                   .run();
  if (!known) return known;
  return file
      .with(
          "INSERT INTO fabric_lease (trial_id, study_id, number, tuner, job) VALUES (?, ?, ?, ?, 0)"
          " ON CONFLICT (trial_id) DO UPDATE SET tuner = excluded.tuner",
          trial_id, study_id, number, name)
      .run();
}

result<void> end_lease(sql::connection& file, std::int64_t trial_id) {
  return file.with("DELETE FROM fabric_lease WHERE trial_id = ?", trial_id).run();
}

result<void> adopt_served(sql::connection& file, const tuner_mark& who) {
  std::vector<std::int64_t> trials;
  {
    auto rows = file.with(
        "SELECT t.trial_id FROM trials t JOIN fabric_journal_trial j ON j.trial_id = t.trial_id"
        " LEFT JOIN fabric_lease l ON l.trial_id = t.trial_id"
        " WHERE t.state = 'RUNNING' AND (l.tuner IS NULL OR l.tuner LIKE ?)",
        servers());
    for (;;) {
      auto more = rows.next();
      if (!more) return more.error();
      if (!*more) break;
      trials.push_back(rows.integer(0));
    }
  }
  for (const auto each : trials)
    if (auto leased = lease_served(file, who, each); !leased) return leased;
  return file
      .with(
          "DELETE FROM fabric_tuner WHERE tuner LIKE ? AND NOT EXISTS"
          " (SELECT 1 FROM fabric_lease l WHERE l.tuner = fabric_tuner.tuner)",
          servers())
      .run();
}

/// Of rows that are gone others judge.
result<bool> is_served_by(sql::connection& file, const tuner_mark& who, std::int64_t trial_id) {
  auto rows = file.with(
      "SELECT t.state, l.tuner FROM trials t LEFT JOIN fabric_lease l ON l.trial_id = t.trial_id"
      " WHERE t.trial_id = ?",
      trial_id);
  auto more = rows.next();
  if (!more) return more.error();
  if (!*more || rows.bytes(0) == "WAITING") return true;
  return rows.bytes(0) == "RUNNING" && !rows.is_null(1) && rows.bytes(1).starts_with(name_of(who));
}

result<void> beat_served(sql::connection& file, const tuner_mark& who) {
  return file
      .with("UPDATE fabric_tuner SET beat = beat + 1 WHERE tuner LIKE ?", name_of(who) + "-%")
      .run();
}

}  // namespace fabric::store
