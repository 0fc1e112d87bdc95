#include "actors/store/sqlite.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "actors/store/sqlite_fault.hpp"

namespace fabric::store::sqlite {

namespace {

/// sqlite3_system_errno keeps the errno of some earlier call; it says something only for errors
/// that come from the operating system.
int os_error_of(sqlite3* handle, int code) {
  const int primary = code & 0xff;
  const bool from_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  return handle != nullptr && from_system ? sqlite3_system_errno(handle) : 0;
}

fault fault_now(sqlite3* handle, std::string_view path) {
  const int code = sqlite3_extended_errcode(handle);
  return fault_of(code, os_error_of(handle, code), path, sqlite3_errmsg(handle));
}

fault closed(const std::string& path) {
  return {fault_code::store_failed, "store " + path + " is closed after a fault", "open it again"};
}

}  // namespace

cursor::~cursor() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

cursor::cursor(cursor&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      path_(other.path_),
      broken_(std::move(other.broken_)) {}

result<bool> cursor::next() {
  if (broken_) return *broken_;
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: broken_ = fault_now(sqlite3_db_handle(statement_), path_); return *broken_;
  }
}

result<void> cursor::run() {
  for (;;) {
    auto more = next();
    if (!more) return more.error();
    if (!*more) return {};
  }
}

std::int64_t cursor::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double cursor::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view cursor::bytes(int column) const {
  const void* first = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (first == nullptr || size <= 0) return {};
  return {static_cast<const char*>(first), static_cast<std::size_t>(size)};
}

bool cursor::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void cursor::note(int code) {
  if (code != SQLITE_OK && !broken_) {
    broken_ = fault_now(sqlite3_db_handle(statement_), path_);
  }
}

void cursor::bind(int index, std::int64_t value) {
  if (statement_ != nullptr) note(sqlite3_bind_int64(statement_, index, value));
}

void cursor::bind(int index, double value) {
  if (statement_ != nullptr) note(sqlite3_bind_double(statement_, index, value));
}

void cursor::bind(int index, std::string_view text) {
  if (statement_ == nullptr) return;
  const char* first = text.data() == nullptr ? "" : text.data();
  note(sqlite3_bind_text64(statement_, index, first, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void cursor::bind(int index, blob bytes) {
  if (statement_ == nullptr) return;
  const char* first = bytes.bytes.data() == nullptr ? "" : bytes.bytes.data();
  note(sqlite3_bind_blob64(statement_, index, first, bytes.bytes.size(), SQLITE_TRANSIENT));
}

void cursor::bind(int index, std::nullptr_t) {
  if (statement_ != nullptr) note(sqlite3_bind_null(statement_, index));
}

connection::connection(sqlite3* handle, const std::string& path)
    : handle_(handle), path_(std::make_unique<std::string>(path)) {}

result<connection> connection::open(const std::string& path, options how) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (how.how == access::read_only) flags |= SQLITE_OPEN_READONLY;
  if (how.how == access::read_write) flags |= SQLITE_OPEN_READWRITE;
  if (how.how == access::create) flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  connection made(handle, path);
  if (handle == nullptr) return fault_of(SQLITE_NOMEM, 0, path, "out of memory");
  if (code != SQLITE_OK) {
    return fault_of(code, os_error_of(handle, code), path, sqlite3_errmsg(handle));
  }
  sqlite3_busy_timeout(handle, how.busy_ms);
  made.busy_ms_ = how.busy_ms;
  // A file from elsewhere must not make us run functions that its schema names.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return made;
}

connection::~connection() { close(); }

/// `times`: how often SQLite has asked since it met this lock. 0 gives up.
int connection::wait_on(void* context, int times) {
  auto& lock = *static_cast<lock_wait*>(context);
  if (times == 0) lock.watch.end();
  lock.watch.begin();
  if (lock.watch.lasted() >= lock.at_least) {
    if (!lock.watch.goes_on()) return 0;
    lock.watch.tell("another program has locked " + lock.path + "; waiting for it");
  }
  std::this_thread::sleep_for(std::chrono::milliseconds{std::min(times + 1, 50)});
  return 1;
}

void connection::wait_by(patience how) {
  lock_wait_ = std::make_unique<lock_wait>(
      lock_wait{*path_, std::chrono::milliseconds{busy_ms_}, waiting(std::move(how))});
  sqlite3_busy_handler(handle_, wait_on, lock_wait_.get());
}

connection::connection(connection&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      busy_ms_(other.busy_ms_),
      lock_wait_(std::move(other.lock_wait_)),
      path_(std::move(other.path_)),
      statements_(std::exchange(other.statements_, {})) {}

connection& connection::operator=(connection&& other) noexcept {
  if (this == &other) return *this;
  close();
  handle_ = std::exchange(other.handle_, nullptr);
  busy_ms_ = other.busy_ms_;
  lock_wait_ = std::move(other.lock_wait_);
  path_ = std::move(other.path_);
  statements_ = std::exchange(other.statements_, {});
  return *this;
}

void connection::close() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  statements_.clear();
  sqlite3_close_v2(handle_);
  handle_ = nullptr;
}

result<void> connection::execute(const char* script) {
  if (handle_ == nullptr) return closed(*path_);
  if (sqlite3_exec(handle_, script, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return fault_now(handle_, *path_);
}

result<std::int64_t> connection::integer(const char* sql) {
  auto rows = with(sql);
  auto more = rows.next();
  if (!more) return more.error();
  return *more ? rows.integer(0) : 0;
}

cursor connection::kept(const char* sql) {
  if (handle_ == nullptr) return cursor(closed(*path_));
  auto [at, is_new] = statements_.try_emplace(sql, nullptr);
  if (is_new) {
    const int code =
        sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &at->second, nullptr);
    if (code != SQLITE_OK) {
      statements_.erase(at);
      return cursor(fault_now(handle_, *path_));
    }
  }
  return {at->second, *path_};
}

std::int64_t connection::changed() const { return sqlite3_changes64(handle_); }

std::int64_t connection::last_row() const { return sqlite3_last_insert_rowid(handle_); }

bool connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

result<transaction> transaction::begin(connection& in) {
  if (auto begun = in.with("BEGIN IMMEDIATE").run(); !begun) return begun.error();
  return transaction(in);
}

result<transaction> transaction::begin_reading(connection& in) {
  if (auto begun = in.with("BEGIN").run(); !begun) return begun.error();
  return transaction(in);
}

transaction::~transaction() {
  // Some errors have rolled back already. One that cannot be rolled back now is rolled back by
  // whoever opens the file next.
  if (in_ != nullptr && in_->in_transaction()) {
    if (auto undone = in_->with("ROLLBACK").run(); !undone) return;
  }
}

transaction::transaction(transaction&& other) noexcept : in_(std::exchange(other.in_, nullptr)) {}

result<void> transaction::commit() { return in_->with("COMMIT").run(); }

}  // namespace fabric::store::sqlite
