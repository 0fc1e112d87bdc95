#include "actors/store/study_schema.hpp"

#include <string>

namespace fabric::store {

namespace {

/// Schema 12 as Optuna 3.0 and 3.1 make it. 3.2 to 5.0 have the same tables under another alembic
/// version, and one index more.
constexpr const char* optuna_tables = R"sql(
CREATE TABLE studies (study_id INTEGER NOT NULL PRIMARY KEY, study_name VARCHAR(512) NOT NULL);
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE TABLE version_info (
  version_info_id INTEGER NOT NULL PRIMARY KEY CHECK (version_info_id = 1),
  schema_version INTEGER,
  library_version VARCHAR(256));
CREATE TABLE study_directions (
  study_direction_id INTEGER NOT NULL PRIMARY KEY,
  direction VARCHAR(8) NOT NULL,
  study_id INTEGER NOT NULL REFERENCES studies (study_id),
  objective INTEGER NOT NULL,
  UNIQUE (study_id, objective));
CREATE TABLE study_user_attributes (
  study_user_attribute_id INTEGER NOT NULL PRIMARY KEY,
  study_id INTEGER REFERENCES studies (study_id),
  "key" VARCHAR(512),
  value_json TEXT,
  UNIQUE (study_id, "key"));
CREATE TABLE study_system_attributes (
  study_system_attribute_id INTEGER NOT NULL PRIMARY KEY,
  study_id INTEGER REFERENCES studies (study_id),
  "key" VARCHAR(512),
  value_json TEXT,
  UNIQUE (study_id, "key"));
CREATE TABLE trials (
  trial_id INTEGER NOT NULL PRIMARY KEY,
  number INTEGER,
  study_id INTEGER REFERENCES studies (study_id),
  state VARCHAR(8) NOT NULL,
  datetime_start DATETIME,
  datetime_complete DATETIME);
CREATE TABLE trial_user_attributes (
  trial_user_attribute_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id),
  "key" VARCHAR(512),
  value_json TEXT,
  UNIQUE (trial_id, "key"));
CREATE TABLE trial_system_attributes (
  trial_system_attribute_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id),
  "key" VARCHAR(512),
  value_json TEXT,
  UNIQUE (trial_id, "key"));
CREATE TABLE trial_params (
  param_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id),
  param_name VARCHAR(512),
  param_value FLOAT,
  distribution_json TEXT,
  UNIQUE (trial_id, param_name));
CREATE TABLE trial_values (
  trial_value_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  objective INTEGER NOT NULL,
  value FLOAT,
  value_type VARCHAR(7) NOT NULL,
  UNIQUE (trial_id, objective));
CREATE TABLE trial_intermediate_values (
  trial_intermediate_value_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  step INTEGER NOT NULL,
  intermediate_value FLOAT,
  intermediate_value_type VARCHAR(7) NOT NULL,
  UNIQUE (trial_id, step));
CREATE TABLE trial_heartbeats (
  trial_heartbeat_id INTEGER NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL UNIQUE REFERENCES trials (trial_id),
  heartbeat DATETIME NOT NULL);
CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO version_info VALUES (1, 12, '3.1.0');
INSERT INTO alembic_version VALUES ('v3.0.0.d');
)sql";

/// `key` is NULL for a trial that does not own its point (a repeat that was asked for, a cached
/// answer): UNIQUE lets NULLs be. The milliseconds say exactly what Optuna's local times say
/// roughly.
constexpr const char* own_tables = R"sql(
CREATE TABLE fabric_format (version INTEGER NOT NULL) STRICT;
INSERT INTO fabric_format VALUES (1);
CREATE TABLE fabric_study (
  study_id INTEGER PRIMARY KEY REFERENCES studies (study_id),
  sampler TEXT NOT NULL,
  repeats TEXT NOT NULL CHECK (repeats IN ('never', 'cached', 'allow')),
  trials_max INTEGER,
  parallel INTEGER NOT NULL,
  attempts_max INTEGER NOT NULL,
  seed INTEGER NOT NULL) STRICT;
CREATE TABLE fabric_parameter (
  study_id INTEGER NOT NULL REFERENCES studies (study_id),
  position INTEGER NOT NULL,
  definition TEXT NOT NULL,
  PRIMARY KEY (study_id, position)) STRICT, WITHOUT ROWID;
CREATE TABLE fabric_point (
  trial_id INTEGER PRIMARY KEY REFERENCES trials (trial_id),
  study_id INTEGER NOT NULL REFERENCES studies (study_id),
  number INTEGER NOT NULL,
  key BLOB,
  attempt INTEGER NOT NULL,
  node TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  complete_ms INTEGER NOT NULL,
  UNIQUE (study_id, key)) STRICT;
CREATE INDEX fabric_point_by_number ON fabric_point (study_id, number);
)sql";

/// Who evaluates which open trial, so that one tuner can tell another's from one that was left
/// behind. Made later than the rest, so a file may lack them; a program that does not know them
/// loses nothing but that knowledge.
constexpr const char* tuner_tables = R"sql(
CREATE TABLE IF NOT EXISTS fabric_tuner (
  tuner TEXT PRIMARY KEY,
  study_id INTEGER NOT NULL,
  beat INTEGER NOT NULL,
  place TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fabric_lease (
  trial_id INTEGER PRIMARY KEY,
  study_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  tuner TEXT NOT NULL,
  job INTEGER NOT NULL) STRICT;
)sql";

constexpr std::int64_t own_format = 1;

fault wrong_version(const std::string& path, const std::string& what, std::string remedy) {
  return {fault_code::version, "study file " + path + " has " + what, std::move(remedy)};
}

result<void> check_optuna_version(sqlite::connection& file) {
  auto rows = file.with("SELECT version_num FROM alembic_version");
  auto found = rows.next();
  if (!found) return found.error();
  const std::string version = *found ? rows.text(0) : "";
  auto schema = file.integer("SELECT schema_version FROM version_info");
  if (!schema) return schema.error();
  if (*schema == 12 && (version == "v3.0.0.d" || version == "v3.2.0.a")) return {};
  const std::string what = "schema " + std::to_string(*schema) + " (" + version + ")";
  if (*schema < 12 || (*schema == 12 && version < "v3.0.0.d")) {
    return wrong_version(
        file.path(), what + ", older than Optuna 3.0's",
        "upgrade a copy with: optuna storage upgrade --storage sqlite:///" + file.path());
  }
  return wrong_version(file.path(), what + ", which is not known here",
                       "use a newer version of this program");
}

}  // namespace

result<bool> has_own_tables(sqlite::connection& file) {
  auto count = file.integer(
      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'fabric_format'");
  if (!count) return count.error();
  return *count == 1;
}

result<study_file_kind> check_study_file(sqlite::connection& file) {
  auto tables = file.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*tables == 0) return study_file_kind::empty;
  auto known = file.integer(
      "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
      " AND name IN ('studies', 'trials', 'version_info', 'alembic_version')");
  if (!known) return known.error();
  if (*known != 4) {
    return fault{fault_code::bad_message, file.path() + " is a database without Optuna's studies",
                 "name another file"};
  }
  if (auto right = check_optuna_version(file); !right) return right.error();
  auto own = has_own_tables(file);
  if (!own) return own.error();
  if (!*own) return study_file_kind::studies;
  auto format = file.integer("SELECT version FROM fabric_format");
  if (!format) return format.error();
  if (*format == own_format) return study_file_kind::studies;
  return wrong_version(file.path(), "tables of ours in version " + std::to_string(*format),
                       "use a newer version of this program");
}

result<void> make_study_tables(sqlite::connection& file) {
  auto change = sqlite::transaction::begin(file);
  if (!change) return change.error();
  auto tables = file.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*tables != 0) return {};
  if (auto made = file.execute(optuna_tables); !made) return made;
  if (auto made = file.execute(own_tables); !made) return made;
  if (auto made = file.execute(tuner_tables); !made) return made;
  return change->commit();
}

result<void> make_own_tables(sqlite::connection& file) {
  auto own = has_own_tables(file);
  if (!own) return own.error();
  if (!*own) {
    if (auto made = file.execute(own_tables); !made) return made;
  }
  return file.execute(tuner_tables);
}

result<bool> has_tuner_tables(sqlite::connection& file) {
  auto count = file.integer(
      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'fabric_lease'");
  if (!count) return count.error();
  return *count == 1;
}

}  // namespace fabric::store
