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

/// The same for PostgreSQL.
constexpr const char* optuna_tables_postgres = R"sql(
CREATE TYPE studydirection AS ENUM ('NOT_SET', 'MINIMIZE', 'MAXIMIZE');
CREATE TYPE trialstate AS ENUM ('RUNNING', 'COMPLETE', 'PRUNED', 'FAIL', 'WAITING');
CREATE TYPE trialvaluetype AS ENUM ('FINITE', 'INF_POS', 'INF_NEG');
CREATE TYPE trialintermediatevaluetype AS ENUM ('FINITE', 'INF_POS', 'INF_NEG', 'NAN');
CREATE TABLE studies (study_id SERIAL NOT NULL PRIMARY KEY, study_name VARCHAR(512) NOT NULL);
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE TABLE version_info (
  version_info_id INTEGER NOT NULL PRIMARY KEY CHECK (version_info_id = 1),
  schema_version INTEGER,
  library_version VARCHAR(256));
CREATE TABLE study_directions (
  study_direction_id SERIAL NOT NULL PRIMARY KEY,
  direction studydirection NOT NULL,
  study_id INTEGER NOT NULL REFERENCES studies (study_id),
  objective INTEGER NOT NULL,
  UNIQUE (study_id, objective));
CREATE TABLE study_user_attributes (
  study_user_attribute_id SERIAL NOT NULL PRIMARY KEY,
  study_id INTEGER REFERENCES studies (study_id),
  "key" VARCHAR(512),
  value_json TEXT,
  UNIQUE (study_id, "key"));
CREATE TABLE study_system_attributes (
  study_system_attribute_id SERIAL NOT NULL PRIMARY KEY,
  study_id INTEGER REFERENCES studies (study_id),
  "key" VARCHAR(512),
  value_json TEXT,
  UNIQUE (study_id, "key"));
CREATE TABLE trials (
  trial_id SERIAL NOT NULL PRIMARY KEY,
  number INTEGER,
  study_id INTEGER REFERENCES studies (study_id),
  state trialstate NOT NULL,
  datetime_start TIMESTAMP WITHOUT TIME ZONE,
  datetime_complete TIMESTAMP WITHOUT TIME ZONE);
CREATE TABLE trial_user_attributes (
  trial_user_attribute_id SERIAL NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id),
  "key" VARCHAR(512),
  value_json TEXT,
  UNIQUE (trial_id, "key"));
CREATE TABLE trial_system_attributes (
  trial_system_attribute_id SERIAL NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id),
  "key" VARCHAR(512),
  value_json TEXT,
  UNIQUE (trial_id, "key"));
CREATE TABLE trial_params (
  param_id SERIAL NOT NULL PRIMARY KEY,
  trial_id INTEGER REFERENCES trials (trial_id),
  param_name VARCHAR(512),
  param_value DOUBLE PRECISION,
  distribution_json TEXT,
  UNIQUE (trial_id, param_name));
CREATE TABLE trial_values (
  trial_value_id SERIAL NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  objective INTEGER NOT NULL,
  value DOUBLE PRECISION,
  value_type trialvaluetype NOT NULL,
  UNIQUE (trial_id, objective));
CREATE TABLE trial_intermediate_values (
  trial_intermediate_value_id SERIAL NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  step INTEGER NOT NULL,
  intermediate_value DOUBLE PRECISION,
  intermediate_value_type trialintermediatevaluetype NOT NULL,
  UNIQUE (trial_id, step));
CREATE TABLE trial_heartbeats (
  trial_heartbeat_id SERIAL NOT NULL PRIMARY KEY,
  trial_id INTEGER NOT NULL UNIQUE REFERENCES trials (trial_id),
  heartbeat TIMESTAMP WITHOUT TIME ZONE NOT NULL);
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

/// What Optuna deletes leaves nothing of ours to a later study, which may get its ids. Optuna lets
/// SQLite look at no foreign key, so these say it.
constexpr const char* own_triggers = R"sql(
CREATE TRIGGER fabric_study_deleted AFTER DELETE ON studies BEGIN
  DELETE FROM fabric_lease WHERE study_id = OLD.study_id;
  DELETE FROM fabric_tuner WHERE study_id = OLD.study_id;
  DELETE FROM fabric_point WHERE study_id = OLD.study_id;
  DELETE FROM fabric_parameter WHERE study_id = OLD.study_id;
  DELETE FROM fabric_study WHERE study_id = OLD.study_id;
END;
)sql";

constexpr const char* own_tables_postgres = R"sql(
CREATE TABLE fabric_format (version BIGINT NOT NULL);
INSERT INTO fabric_format VALUES (1);
CREATE TABLE fabric_study (
  study_id BIGINT PRIMARY KEY REFERENCES studies (study_id) ON DELETE CASCADE,
  sampler TEXT NOT NULL,
  repeats TEXT NOT NULL CHECK (repeats IN ('never', 'cached', 'allow')),
  trials_max BIGINT,
  parallel BIGINT NOT NULL,
  attempts_max BIGINT NOT NULL,
  seed BIGINT NOT NULL);
CREATE TABLE fabric_parameter (
  study_id BIGINT NOT NULL REFERENCES studies (study_id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  definition TEXT NOT NULL,
  PRIMARY KEY (study_id, position));
CREATE TABLE fabric_point (
  trial_id BIGINT PRIMARY KEY REFERENCES trials (trial_id) ON DELETE CASCADE,
  study_id BIGINT NOT NULL REFERENCES studies (study_id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  key BYTEA,
  attempt BIGINT NOT NULL,
  node TEXT NOT NULL,
  start_ms BIGINT NOT NULL,
  complete_ms BIGINT NOT NULL,
  UNIQUE (study_id, key));
CREATE INDEX fabric_point_by_number ON fabric_point (study_id, number);
)sql";

constexpr const char* tuner_tables_postgres = R"sql(
CREATE TABLE IF NOT EXISTS fabric_tuner (
  tuner TEXT PRIMARY KEY,
  study_id BIGINT NOT NULL REFERENCES studies (study_id) ON DELETE CASCADE,
  beat BIGINT NOT NULL,
  place TEXT NOT NULL,
  pid BIGINT NOT NULL,
  started BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS fabric_lease (
  trial_id BIGINT PRIMARY KEY,
  study_id BIGINT NOT NULL REFERENCES studies (study_id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  tuner TEXT NOT NULL,
  job BIGINT NOT NULL);
)sql";

constexpr std::int64_t own_format = 1;

result<bool> has_table(sql::connection& file, std::string_view name) {
  auto rows =
      file.is_postgres()
          ? file.with(
                "SELECT count(*) FROM pg_catalog.pg_tables"
                " WHERE schemaname = current_schema() AND tablename = ?",
                name)
          : file.with("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", name);
  auto more = rows.next();
  if (!more) return more.error();
  return rows.integer(0) == 1;
}

/// A file that holds anything else is another program's; a database of a server may be shared.
result<bool> is_free_for_studies(sql::connection& file) {
  if (file.is_postgres()) return true;
  auto tables = file.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  return *tables == 0;
}

fault wrong_version(const std::string& path, const std::string& what, std::string remedy) {
  return {fault_code::version, "storage " + path + " has " + what, std::move(remedy)};
}

result<void> check_optuna_version(sql::connection& file) {
  auto rows = file.with("SELECT version_num FROM alembic_version");
  auto found = rows.next();
  if (!found) return found.error();
  const std::string version = *found ? rows.text(0) : "";
  auto schema = file.integer("SELECT schema_version FROM version_info");
  if (!schema) return schema.error();
  if (*schema == 12 && (version == "v3.0.0.d" || version == "v3.2.0.a")) return {};
  const std::string what = "schema " + std::to_string(*schema) + " (" + version + ")";
  if (*schema < 12 || (*schema == 12 && version < "v3.0.0.d")) {
    return wrong_version(file.path(), what + ", older than Optuna 3.0's",
                         "upgrade a copy with: optuna storage upgrade --storage " +
                             std::string(file.is_postgres() ? "" : "sqlite:///") + file.path());
  }
  return wrong_version(file.path(), what + ", which is not known here",
                       "use a newer version of this program");
}

}  // namespace

result<bool> has_own_tables(sql::connection& file) { return has_table(file, "fabric_format"); }

result<study_file_kind> check_study_file(sql::connection& file) {
  // One look: another process may be making the tables.
  auto there = file.integer(
      file.is_postgres() ? "SELECT count(*) FROM pg_catalog.pg_tables"
                           " WHERE schemaname = current_schema() AND tablename IN"
                           " ('studies', 'trials', 'version_info', 'alembic_version')"
                         : "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                           " AND name IN ('studies', 'trials', 'version_info', 'alembic_version')");
  if (!there) return there.error();
  const auto known = *there;
  if (known == 0) {
    auto free = is_free_for_studies(file);
    if (!free) return free.error();
    if (*free) return study_file_kind::empty;
    if (auto made = has_table(file, "studies"); made && *made) return check_study_file(file);
  }
  if (known != 4) {
    return fault{fault_code::bad_message, file.path() + " is a database without Optuna's studies",
                 "name another one"};
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

result<void> make_study_tables(sql::connection& file) {
  auto change = sql::transaction::begin(file);
  if (!change) return change.error();
  auto made = has_table(file, "studies");
  if (!made) return made.error();
  if (*made) return {};
  const bool is_server = file.is_postgres();
  if (auto done = file.execute(is_server ? optuna_tables_postgres : optuna_tables); !done) {
    return done;
  }
  if (auto own = make_own_tables(file); !own) return own;
  return change->commit();
}

result<void> make_own_tables(sql::connection& file) {
  auto own = has_own_tables(file);
  if (!own) return own.error();
  if (!*own) {
    if (auto made = file.execute(file.is_postgres() ? own_tables_postgres : own_tables); !made) {
      return made;
    }
  }
  auto tuners = has_tuner_tables(file);
  if (!tuners) return tuners.error();
  if (!*tuners) {
    auto made = file.execute(file.is_postgres() ? tuner_tables_postgres : tuner_tables);
    if (!made) return made;
  }
  if (file.is_postgres()) return {};
  auto triggers = file.integer(
      "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"
      " AND name = 'fabric_study_deleted'");
  if (!triggers) return triggers.error();
  return *triggers > 0 ? result<void>() : file.execute(own_triggers);
}

result<void> lock_study(sql::connection& file, std::int64_t study_id) {
  if (!file.is_postgres()) return {};
  return file.with("SELECT 1 FROM studies WHERE study_id = ? FOR UPDATE", study_id).run();
}

result<bool> has_tuner_tables(sql::connection& file) { return has_table(file, "fabric_lease"); }

}  // namespace fabric::store
