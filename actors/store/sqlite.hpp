#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "actors/store/patience.hpp"
#include "fabric/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

/// As much of SQLite as the stores need, with faults instead of codes. No exceptions, no ownership
/// but the connection's.
namespace fabric::store::sqlite {

/// Bytes to be bound as a BLOB; a string_view is bound as TEXT.
struct blob {
  std::string_view bytes;
};

/// One execution of a prepared statement. It ends (and lets go of its locks) with the object.
/// A mistake in an earlier step comes back from the next one, so calls can be chained.
class cursor {
 public:
  cursor(sqlite3_stmt* prepared, std::string_view path) : statement_(prepared), path_(path) {}
  explicit cursor(fault broken) : broken_(std::move(broken)) {}
  ~cursor();
  cursor(cursor&& other) noexcept;
  cursor(const cursor&) = delete;
  cursor& operator=(const cursor&) = delete;
  cursor& operator=(cursor&&) = delete;

  /// True where a row is there to be read; false after the last.
  result<bool> next();
  /// To the end, without looking at rows.
  result<void> run();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  /// Text or blob; valid until `next`.
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] std::string text(int column) const { return std::string(bytes(column)); }
  [[nodiscard]] bool is_null(int column) const;

  void bind(int index, std::int64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view text);
  void bind(int index, blob bytes);
  void bind(int index, std::nullptr_t null);
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      bind(index, nullptr);
    }
  }

 private:
  void note(int code);

  sqlite3_stmt* statement_ = nullptr;
  std::string_view path_;
  std::optional<fault> broken_;
};

enum class access : std::uint8_t { read_only, read_write, create };

/// One connection with its prepared statements. Statements wait up to `busy_ms` for other
/// processes, and longer where `wait_by` says so. All calls from one thread at a time.
class connection {
 public:
  struct options {
    access how = access::read_write;
    int busy_ms = 5000;
  };

  static result<connection> open(const std::string& path, options how);
  ~connection();
  connection(connection&&) noexcept;
  connection& operator=(connection&&) noexcept;

  /// How a lock is waited for that has lasted for `busy_ms` already.
  void wait_by(patience how);

  /// From now on every call is store_failed. No execution may be under way.
  void close();

  /// Statements without parameters and rows, separated by ';'.
  result<void> execute(const char* script);
  /// The single integer that a query answers; 0 where it answers nothing.
  result<std::int64_t> integer(const char* sql);

  /// Starts an execution. The statement is prepared once and kept under the address of `sql`, which
  /// must be a literal; two executions of one statement must not overlap.
  template <class... Values>
  cursor with(const char* sql, const Values&... values) {
    cursor rows = kept(sql);
    int index = 0;
    (rows.bind(++index, values), ...);
    return rows;
  }

  [[nodiscard]] std::int64_t changed() const;
  [[nodiscard]] std::int64_t last_row() const;
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] const std::string& path() const { return *path_; }
  [[nodiscard]] sqlite3* raw() { return handle_; }

 private:
  /// What SQLite's busy handler knows; at a fixed address.
  struct lock_wait {
    std::string path;
    std::chrono::milliseconds at_least;
    waiting watch;
  };
  static int wait_on(void* context, int times);

  connection(sqlite3* handle, const std::string& path);
  cursor kept(const char* sql);

  sqlite3* handle_ = nullptr;
  int busy_ms_ = 0;
  std::unique_ptr<lock_wait> lock_wait_;
  std::unique_ptr<std::string> path_;  ///< at a fixed address: cursors refer to it
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

/// BEGIN to COMMIT. What was not committed is rolled back with the object.
class transaction {
 public:
  /// Keeps other writers out from here on.
  static result<transaction> begin(connection& in);
  /// All reads see the file as it was at the first one.
  static result<transaction> begin_reading(connection& in);
  ~transaction();
  transaction(transaction&& other) noexcept;
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  transaction& operator=(transaction&&) = delete;

  result<void> commit();

 private:
  explicit transaction(connection& in) : in_(&in) {}
  connection* in_;
};

}  // namespace fabric::store::sqlite
