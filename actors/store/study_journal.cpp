#include "actors/store/study_journal.hpp"

#include <algorithm>

#include "actors/store/study_file.hpp"
#include "actors/store/study_journal_file.hpp"
#include "actors/store/study_schema.hpp"

namespace fabric::store {

namespace {

using nlohmann::json;

/// Studies are told from later ones of their name, which may get their ids.
constexpr const char* tables = R"sql(
CREATE TABLE IF NOT EXISTS fabric_journal (
  position INTEGER PRIMARY KEY,
  record TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fabric_journal_study (
  id INTEGER PRIMARY KEY,
  study_id INTEGER NOT NULL,
  name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fabric_journal_uid (
  id INTEGER PRIMARY KEY,
  uid TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fabric_journal_trial (
  id INTEGER PRIMARY KEY,
  trial_id INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS fabric_journal_trial_row ON fabric_journal_trial (trial_id);
CREATE TABLE IF NOT EXISTS fabric_journal_server (epoch INTEGER NOT NULL) STRICT;
)sql";

constexpr const char* tables_postgres = R"sql(
CREATE TABLE IF NOT EXISTS fabric_journal (
  position BIGINT PRIMARY KEY,
  record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fabric_journal_study (
  id BIGINT PRIMARY KEY,
  study_id BIGINT NOT NULL,
  name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fabric_journal_uid (
  id BIGINT PRIMARY KEY,
  uid TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fabric_journal_trial (
  id BIGINT PRIMARY KEY,
  trial_id BIGINT NOT NULL);
CREATE INDEX IF NOT EXISTS fabric_journal_trial_row ON fabric_journal_trial (trial_id);
CREATE TABLE IF NOT EXISTS fabric_journal_server (epoch BIGINT NOT NULL);
)sql";

result<void> read_ids(sql::cursor rows, std::map<std::int64_t, std::int64_t>& to) {
  to.clear();
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return {};
    to[rows.integer(0)] = rows.integer(1);
  }
}

}  // namespace

study_journal::study_journal(std::unique_ptr<file> f) : file_(std::move(f)) {}
study_journal::~study_journal() = default;
study_journal::study_journal(study_journal&&) noexcept = default;
study_journal& study_journal::operator=(study_journal&&) noexcept = default;

const std::string& study_journal::place() const { return file_->rows.path(); }

std::string study_journal::url() const { return url_of(file_->rows); }

result<study_journal> study_journal::open(const std::string& url, tuner_mark who) {
  auto rows = open_studies(url, study_store::mode::create);
  if (!rows) return rows.error();
  return study_journal(std::make_unique<file>(file{std::move(*rows), std::move(who)}));
}

result<std::vector<std::string>> study_journal::take_over() {
  auto& rows = file_->rows;
  {
    auto change = sql::transaction::begin(rows);
    if (!change) return change.error();
    if (auto own = make_own_tables(rows); !own) return own.error();
    if (auto made = rows.execute(rows.is_postgres() ? tables_postgres : tables); !made) {
      return made.error();
    }
    auto last = file_->stored_epoch();
    if (!last) return last.error();
    file_->epoch = *last + 1;
    if (auto gone = rows.with("DELETE FROM fabric_journal_server").run(); !gone) {
      return gone.error();
    }
    auto set =
        rows.with("INSERT INTO fabric_journal_server (epoch) VALUES (?)", file_->epoch).run();
    if (!set) return set.error();
    if (auto adopted = adopt_served(rows, file_->who); !adopted) return adopted.error();
    if (auto done = change->commit(); !done) return done.error();
  }
  return read();
}

result<std::vector<std::string>> study_journal::read() {
  roll_back();
  auto& rows = file_->rows;
  auto reading = sql::transaction::begin_reading(rows);
  if (!reading) return reading.error();
  auto& ids = file_->ids;
  ids.seen.clear();
  auto studies = read_ids(rows.with("SELECT id, study_id FROM fabric_journal_study"), ids.studies);
  if (!studies) return studies.error();
  auto trials = read_ids(rows.with("SELECT id, trial_id FROM fabric_journal_trial"), ids.trials);
  if (!trials) return trials.error();
  std::vector<std::string> texts;
  auto records = rows.with("SELECT record FROM fabric_journal ORDER BY position");
  for (;;) {
    auto more = records.next();
    if (!more) return more.error();
    if (!*more) break;
    texts.push_back(records.text(0));
  }
  file_->next = static_cast<std::int64_t>(texts.size());
  return texts;
}

result<void> study_journal::begin() {
  auto change = sql::transaction::begin(file_->rows);
  if (!change) return change.error();
  file_->change.emplace(std::move(*change));
  auto newest = check_epoch();
  if (!newest && newest.error().code == fault_code::stale_epoch) roll_back();
  return newest;
}

result<void> study_journal::check_epoch() {
  auto epoch = file_->stored_epoch();
  if (!epoch) return epoch.error();
  if (*epoch == file_->epoch) return {};
  return fault{fault_code::stale_epoch, "another server serves the studies of " + place() + " now",
               "let the workers connect to that one"};
}

result<void> study_journal::append(const journal_entry& entry) {
  auto kept = file_->rows
                  .with("INSERT INTO fabric_journal (position, record) VALUES (?, ?)", file_->next,
                        entry.text)
                  .run();
  if (!kept) return kept;
  ++file_->next;
  return entry.counts ? write_rows(file_->rows, file_->ids, file_->who, entry) : result<void>();
}

result<bool> study_journal::is_ours(std::int64_t trial) {
  const auto row = file_->ids.trials.find(trial);
  if (row == file_->ids.trials.end()) return true;
  return is_served_by(file_->rows, file_->who, row->second);
}

result<void> study_journal::let_go(std::int64_t trial) {
  if (const auto row = file_->ids.trials.extract(trial))
    file_->known_below = std::min(file_->known_below, row.mapped());
  return file_->rows.with("DELETE FROM fabric_journal_trial WHERE id = ?", trial).run();
}

result<void> study_journal::beat() { return beat_served(file_->rows, file_->who); }

result<bool> study_journal::is_taken(std::string_view study, std::string_view key) {
  auto rows = file_->rows.with(
      "SELECT 1 FROM fabric_point p JOIN studies s ON s.study_id = p.study_id"
      " WHERE s.study_name = ? AND p.key = ?",
      study, sql::blob{key});
  return rows.next();
}

result<void> study_journal::commit() {
  auto done = file_->change->commit();
  file_->change.reset();
  return done;
}

void study_journal::roll_back() { file_->change.reset(); }

result<std::vector<std::string>> study_journal::unknown() {
  std::vector<std::string> names;
  auto rows = file_->rows.with(
      "SELECT study_name FROM studies s WHERE NOT EXISTS (SELECT 1 FROM fabric_journal_study j"
      " WHERE j.study_id = s.study_id) ORDER BY s.study_id");
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return names;
    names.push_back(rows.text(0));
  }
}

result<std::vector<std::int64_t>> study_journal::vanished() {
  std::vector<std::int64_t> ids;
  auto rows = file_->rows.with(
      "SELECT j.id FROM fabric_journal_study j LEFT JOIN fabric_journal_uid u ON u.id = j.id"
      " WHERE NOT EXISTS (SELECT 1 FROM studies s WHERE s.study_id = j.study_id"
      " AND s.study_name = j.name AND (u.uid IS NULL OR u.uid = (SELECT a.value_json"
      " FROM study_system_attributes a WHERE a.study_id = s.study_id AND a.key = ?)))"
      " ORDER BY j.id",
      uid_attribute);
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return ids;
    ids.push_back(rows.integer(0));
  }
}

result<std::map<std::string, tuner::space>> study_journal::spaces() {
  std::map<std::string, std::vector<tuner::parameter>> parameters;
  {
    auto rows = file_->rows.with(
        "SELECT s.study_name, p.definition FROM fabric_parameter p"
        " JOIN studies s ON s.study_id = p.study_id ORDER BY p.study_id, p.position");
    for (;;) {
      auto more = rows.next();
      if (!more) return more.error();
      if (!*more) break;
      auto parsed = tuner::parse_parameter(rows.bytes(1));
      if (!parsed) return parsed.error();
      parameters[rows.text(0)].push_back(std::move(*parsed));
    }
  }
  std::map<std::string, tuner::space> found;
  for (auto& [name, all] : parameters) {
    auto over = tuner::space::make(std::move(all));
    if (!over) return over.error();
    found.emplace(name, std::move(*over));
  }
  return found;
}

}  // namespace fabric::store
