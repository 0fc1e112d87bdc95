#include "actors/store/head_schema.hpp"

#include <sys/random.h>

#include <array>
#include <cstddef>
#include <string>

namespace fabric::store {

namespace {

/// Version 0 to 1. `task.id` is job << 32 | index, so a job's tasks are one range of one B-tree;
/// its generated columns take no room. What changes with each task (job_progress) is kept apart
/// from what never does (job), so that ending a task does not rewrite a payload.
constexpr const char* first_tables = R"sql(
CREATE TABLE head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  cluster TEXT NOT NULL CHECK (length(cluster) = 32),
  epoch INTEGER NOT NULL
) STRICT;

CREATE TABLE job (
  id INTEGER PRIMARY KEY CHECK (id > 0 AND id < 0x80000000),
  key TEXT NOT NULL,
  content_hash INTEGER NOT NULL,
  submitted_ms INTEGER NOT NULL,
  name TEXT NOT NULL,
  submitter TEXT NOT NULL,
  study TEXT NOT NULL,
  priority INTEGER NOT NULL,
  first_index INTEGER NOT NULL,
  count INTEGER NOT NULL,
  is_array INTEGER NOT NULL,
  retries_max INTEGER NOT NULL,
  backoff_first_us INTEGER NOT NULL,
  backoff_longest_us INTEGER NOT NULL,
  poison_after INTEGER NOT NULL,
  time_limit_us INTEGER NOT NULL,
  expires_after_us INTEGER NOT NULL,
  amounts TEXT NOT NULL,
  conditions TEXT NOT NULL,
  after TEXT NOT NULL,
  payload BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX job_by_key ON job (key) WHERE key <> '';

CREATE TABLE job_progress (
  job INTEGER PRIMARY KEY REFERENCES job (id),
  remaining INTEGER NOT NULL CHECK (remaining >= 0),
  succeeded INTEGER NOT NULL,
  cancelled_ms INTEGER,
  cancel_reason TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE task (
  id INTEGER PRIMARY KEY,
  job INTEGER AS (id >> 32) VIRTUAL,
  idx INTEGER AS (id & 0xffffffff) VIRTUAL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled',
                                       'poisoned', 'expired')),
  attempt INTEGER NOT NULL,
  node INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  lost INTEGER NOT NULL DEFAULT 0,
  changed_ms INTEGER NOT NULL,
  gpus TEXT NOT NULL DEFAULT '',
  report BLOB NOT NULL DEFAULT x''
) STRICT;

CREATE TABLE node (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  boot_id TEXT NOT NULL,
  draining INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  forgotten_ms INTEGER
) STRICT;

CREATE TABLE admitted_key (
  public_key BLOB PRIMARY KEY CHECK (length(public_key) = 32),
  role INTEGER NOT NULL,
  name TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  revoked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

std::string new_cluster_id() {
  std::array<unsigned char, 16> bytes{};
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

result<void> make_first_tables(sqlite::connection& file) {
  if (auto made = file.execute(first_tables); !made) return made;
  const std::string mark = "PRAGMA application_id = " + std::to_string(head_application_id);
  if (auto marked = file.execute(mark.c_str()); !marked) return marked;
  return file.with("INSERT INTO head (id, cluster, epoch) VALUES (1, ?, 0)", new_cluster_id())
      .run();
}

/// Version 1 to 2: jobs that live no longer than the program that submitted them.
result<void> let_programs_own_jobs(sqlite::connection& file) {
  return file.execute("ALTER TABLE job ADD COLUMN owner INTEGER NOT NULL DEFAULT 0");
}

/// Version 2 to 3: what holders of keys of their own have the head keep for them.
result<void> let_keys_keep_a_state(sqlite::connection& file) {
  return file.execute(R"sql(
CREATE TABLE kept_state (
  public_key BLOB PRIMARY KEY CHECK (length(public_key) = 32),
  state BLOB NOT NULL
) STRICT
)sql");
}

/// Step n leads from version n to n + 1.
using migration = result<void> (*)(sqlite::connection&);
constexpr std::array<migration, head_schema_version> migrations = {
    &make_first_tables, &let_programs_own_jobs, &let_keys_keep_a_state};

fault foreign(const std::string& path) {
  return {fault_code::bad_message, "store " + path + " is a file of another program",
          "name another file"};
}

}  // namespace

result<void> check_identity(sqlite::connection& file) {
  auto tables = file.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  auto mark = file.integer("PRAGMA application_id");
  if (!mark) return mark.error();
  auto version = file.integer("PRAGMA user_version");
  if (!version) return version.error();
  const bool is_new = *tables == 0 && *mark == 0 && *version == 0;
  if (is_new) return {};
  if (*mark != head_application_id || *version < 1) return foreign(file.path());
  if (*version <= head_schema_version) return {};
  return fault{fault_code::version,
               "store " + file.path() + " has schema " + std::to_string(*version) +
                   ", this program knows up to " + std::to_string(head_schema_version),
               "start it with the newer version of this program, or restore a backup"};
}

result<void> bring_up_to_date(sqlite::connection& file) {
  auto version = file.integer("PRAGMA user_version");
  if (!version) return version.error();
  for (auto at = *version; at < head_schema_version; ++at) {
    auto change = sqlite::transaction::begin(file);
    if (!change) return change.error();
    if (auto moved = migrations[static_cast<std::size_t>(at)](file); !moved) return moved;
    const std::string now_at = "PRAGMA user_version = " + std::to_string(at + 1);
    if (auto noted = file.execute(now_at.c_str()); !noted) return noted;
    if (auto done = change->commit(); !done) return done;
  }
  return {};
}

}  // namespace fabric::store
