#include "actors/store/head_store.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>

#include "actors/store/head_file.hpp"
#include "actors/store/head_records.hpp"
#include "actors/store/head_schema.hpp"
#include "actors/store/local_disk.hpp"

namespace fabric::store {

namespace {

constexpr const char* private_path = ":memory:";
constexpr std::uint64_t room_to_go_on = 1 << 20;

/// SQLite would make the file readable for everybody whom the umask lets in; payloads may hold
/// secrets. The files beside it (-wal, -shm) inherit this mode.
void make_private(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
}

/// Looks at an existing file without changing a byte of it.
result<void> look_before_writing(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return {};
  auto looked = sqlite::connection::open(path, {sqlite::access::read_write});
  if (!looked) return looked.error();
  sqlite3_db_config(looked->raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return check_identity(*looked);
}

result<void> set_up(sqlite::connection& rows, durability how) {
  // The journal keeps to 64 MiB between bursts.
  const char* settings =
      "PRAGMA foreign_keys = ON;"
      "PRAGMA cell_size_check = ON;"
      "PRAGMA journal_size_limit = 67108864;"
      "PRAGMA cache_size = -16384;"
      "PRAGMA temp_store = MEMORY;";
  if (auto set = rows.execute(settings); !set) return set;
  auto mode = rows.with("PRAGMA journal_mode = WAL");
  auto answered = mode.next();
  if (!answered) return answered.error();
  if (const auto is = mode.text(0); is != "wal" && is != "memory") {
    return fault{fault_code::store_failed, "store " + rows.path() + " cannot use a WAL: " + is,
                 "put it on a local disk"};
  }
  return rows.execute(how == durability::full ? "PRAGMA synchronous = FULL"
                                              : "PRAGMA synchronous = NORMAL");
}

result<sqlite::connection> open_rows(const std::string& path, durability how,
                                     sqlite::access may_make) {
  auto rows = sqlite::connection::open(path, {may_make});
  if (!rows) return rows;
  if (auto ready = set_up(*rows, how); !ready) return ready.error();
  return rows;
}

/// Finds a damaged file at the start and not in the middle of work. The time it takes grows with
/// the file, so large ones are left to the checks that SQLite makes as it reads.
result<void> check_sound(sqlite::connection& rows) {
  constexpr std::int64_t checked_bytes_max = 64 << 20;
  auto bytes =
      rows.integer("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
  if (!bytes) return bytes.error();
  if (*bytes > checked_bytes_max) return {};
  auto answers = rows.with("PRAGMA quick_check(1)");
  auto answered = answers.next();
  if (!answered) return answered.error();
  if (*answered && answers.bytes(0) == "ok") return {};
  return fault{fault_code::store_failed, "store " + rows.path() + " is damaged: " + answers.text(0),
               "restore a backup, or save what is left with: sqlite3 FILE .recover"};
}

result<std::uint64_t> epoch_of(sqlite::connection& rows) {
  auto epoch = rows.integer("SELECT epoch FROM head");
  if (!epoch) return epoch.error();
  return static_cast<std::uint64_t>(*epoch);
}

}  // namespace

head_store::head_store(std::unique_ptr<file> f) : file_(std::move(f)) {}
head_store::~head_store() = default;
head_store::head_store(head_store&&) noexcept = default;
head_store& head_store::operator=(head_store&&) noexcept = default;

result<head_store> head_store::open(const std::string& path, durability how) {
  std::optional<file_lock> lock;
  if (path != private_path) {
    if (auto local = check_local_disk(path); !local) return local.error();
    auto taken = file_lock::take(path + ".lock");
    if (!taken) return taken.error();
    lock.emplace(std::move(*taken));
    if (auto ours = look_before_writing(path); !ours) return ours.error();
    make_private(path);
  }
  auto rows = open_rows(path, how, sqlite::access::create);
  if (!rows) return rows.error();
  if (auto current = bring_up_to_date(*rows); !current) return current.error();
  if (auto sound = check_sound(*rows); !sound) return sound.error();
  auto epoch = epoch_of(*rows);
  if (!epoch) return epoch.error();
  std::string cluster;
  {
    auto head = rows->with("SELECT cluster FROM head");
    auto found = head.next();
    if (!found) return found.error();
    cluster = head.text(0);
  }
  return head_store(std::make_unique<file>(
      file{path, how, std::move(lock), std::move(*rows), std::move(cluster), *epoch}));
}

result<void> head_store::file::committed(sqlite::transaction& change) {
  auto done = change.commit();
  if (!done && done.error().code == fault_code::store_failed) outcome_unknown = true;
  return done;
}

result<void> head_store::reopen() {
  // After a failed flush the file and this connection may disagree about the last transaction. The
  // last connection to go settles that, so this one must be closed before another is opened. After
  // other faults nothing is in doubt, and on a full disk a new connection could not be opened.
  if (file_->outcome_unknown && file_->path != private_path) {
    file_->rows.close();
    auto rows = open_rows(file_->path, file_->how, sqlite::access::read_write);
    if (!rows) return rows.error();
    file_->rows = std::move(*rows);
    file_->outcome_unknown = false;
  }
  auto epoch = epoch_of(file_->rows);
  if (!epoch) return epoch.error();
  return {};
}

const std::string& head_store::cluster() const { return file_->cluster; }

result<std::uint64_t> head_store::next_epoch() {
  auto change = sqlite::transaction::begin(file_->rows);
  if (!change) return change.error();
  auto raised = file_->rows.with("UPDATE head SET epoch = epoch + 1").run();
  if (!raised) return raised.error();
  auto epoch = epoch_of(file_->rows);
  if (!epoch) return epoch.error();
  if (auto done = file_->committed(*change); !done) return done.error();
  file_->epoch = *epoch;
  return *epoch;
}

result<void> head_store::touch() {
  // One row fits where nothing more does: a head that took that for space would fail at the next
  // submission, once a second.
  if (const auto& path = file_->rows.path(); path != private_path)
    if (auto room = check_room(path, room_to_go_on); !room) return room;
  auto change = sqlite::transaction::begin(file_->rows);
  if (!change) return change.error();
  auto written = file_->rows.with("UPDATE head SET epoch = epoch").run();
  if (!written) return written;
  return file_->committed(*change);
}

result<void> head_store::commit(std::span<const scheduler::record_type> records,
                                std::int64_t wall_ms) {
  const std::array one{batch{records, wall_ms}};
  return commit(std::span<const batch>(one));
}

result<void> head_store::commit(std::span<const batch> batches) {
  auto change = sqlite::transaction::begin(file_->rows);
  if (!change) return change.error();
  // The lock keeps a second head away unless somebody removed its file; the epoch does so even
  // then.
  auto epoch = epoch_of(file_->rows);
  if (!epoch) return epoch.error();
  if (*epoch != file_->epoch) {
    return fault{fault_code::stale_epoch,
                 "store " + file_->path + ": epoch " + std::to_string(*epoch) +
                     " has replaced ours, " + std::to_string(file_->epoch),
                 "another head has taken over: end this one"};
  }
  for (const auto& each : batches) {
    record_writer writer(file_->rows, each.wall_ms);
    for (const auto& record : each.records) {
      if (auto written = writer.write(record); !written) return written;
    }
    if (auto finished = writer.finish(); !finished) return finished;
  }
  return file_->committed(*change);
}

result<void> head_store::admit(const admitted_key& key) {
  if (key.public_key.size() != 32) {
    return fault{fault_code::usage,
                 "a key has 32 bytes, this one " + std::to_string(key.public_key.size()), ""};
  }
  return file_->rows
      .with(
          "INSERT INTO admitted_key (public_key, role, name, since_ms, revoked)"
          " VALUES (?, ?, ?, ?, ?)"
          " ON CONFLICT (public_key) DO UPDATE SET role = excluded.role, name = excluded.name,"
          " since_ms = excluded.since_ms, revoked = excluded.revoked",
          sqlite::blob{key.public_key}, static_cast<std::int64_t>(key.as), key.name, key.since_ms,
          std::int64_t{key.revoked ? 1 : 0})
      .run();
}

result<void> head_store::revoke(std::string_view public_key) {
  auto done = file_->rows
                  .with("UPDATE admitted_key SET revoked = 1 WHERE public_key = ?",
                        sqlite::blob{public_key})
                  .run();
  if (!done) return done;
  if (file_->rows.changed() != 1)
    return fault{fault_code::not_found, "no such key is admitted", "list the keys that are"};
  return file_->rows.with("DELETE FROM kept_state WHERE public_key = ?", sqlite::blob{public_key})
      .run();
}

result<void> head_store::keep_state(std::string_view public_key, std::string_view state) {
  auto done = file_->rows
                  .with(
                      "INSERT INTO kept_state (public_key, state)"
                      " SELECT public_key, ? FROM admitted_key WHERE public_key = ? AND revoked = 0"
                      " ON CONFLICT (public_key) DO UPDATE SET state = excluded.state",
                      sqlite::blob{state}, sqlite::blob{public_key})
                  .run();
  if (!done || file_->rows.changed() == 1) return done;
  return fault{fault_code::not_found, "no such key is admitted", "list the keys that are"};
}

result<std::optional<std::string>> head_store::kept_state(std::string_view public_key) {
  auto rows = file_->rows.with("SELECT state FROM kept_state WHERE public_key = ?",
                               sqlite::blob{public_key});
  auto more = rows.next();
  if (!more) return more.error();
  if (!*more) return std::optional<std::string>{};
  return std::optional{rows.text(0)};
}

result<std::vector<admitted_key>> head_store::keys() {
  std::vector<admitted_key> found;
  auto rows = file_->rows.with(
      "SELECT public_key, role, name, since_ms, revoked FROM admitted_key"
      " ORDER BY since_ms, public_key");
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return found;
    const auto role = rows.integer(1);
    if (role < 0 || role > static_cast<std::int64_t>(transport::role::joiner)) {
      return fault{fault_code::store_failed, "store " + file_->path + ": a key's role is damaged",
                   "restore a backup"};
    }
    found.push_back({rows.text(0), static_cast<transport::role>(role), rows.text(2),
                     rows.integer(3), rows.integer(4) != 0});
  }
}

}  // namespace fabric::store
