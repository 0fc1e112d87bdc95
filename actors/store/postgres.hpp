#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/store/patience.hpp"
#include "actors/store/sqlite.hpp"
#include "fabric/result.hpp"

struct pg_conn;
struct pg_result;

/// As much of PostgreSQL as the studies need, in the shape of `sqlite`: the same statements, with
/// `?` and `?N` for parameters.
namespace fabric::store::postgres {

class connection;

/// One execution of a statement; its rows are all here. It is carried out by the first `next`.
class cursor {
 public:
  cursor(connection& in, const char* sql) : in_(&in), sql_(sql) {}
  ~cursor();
  cursor(cursor&& other) noexcept;
  cursor(const cursor&) = delete;
  cursor& operator=(const cursor&) = delete;
  cursor& operator=(cursor&&) = delete;

  result<bool> next();
  result<void> run();

  [[nodiscard]] std::int64_t integer(int column) const;  ///< true is 1
  [[nodiscard]] double real(int column) const;
  /// Text or bytes; valid until `next`, or until the next call for a column of bytes.
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] bool is_null(int column) const;

  void bind(std::int64_t value);
  void bind(double value);
  void bind(std::string_view text);
  void bind(sqlite::blob bytes);
  void bind(std::nullptr_t null);

 private:
  struct argument {
    std::optional<std::string> text;
    bool is_binary = false;
  };

  friend class connection;

  connection* in_;
  const char* sql_;
  std::vector<argument> arguments_;
  pg_result* rows_ = nullptr;
  int at_ = -1;
  mutable std::string decoded_;
};

/// One session with a database. Waits where the server is away for a while: a statement outside of
/// a transaction connects anew. Once that has taken too long, each tries once and waits for
/// nothing, until the server is back. All calls from one thread at a time.
///
/// Faults: unreachable (nobody there, or the session was lost: a transaction that was under way has
/// not happened), auth_failed, not_found (no such database or role), forbidden, store_full,
/// store_locked, store_failed, internal.
class connection {
 public:
  struct options {
    bool read_only = false;
  };

  /// `url` as libpq reads it: postgresql://user@host/database.
  static result<connection> open(const std::string& url, options how);
  ~connection();
  connection(connection&&) noexcept;
  connection& operator=(connection&&) noexcept;

  /// How a server that is being restarted is waited for, once it was there.
  void wait_by(patience how) { wait_ = waiting(std::move(how)); }
  /// The server is away, and was waited for long enough.
  [[nodiscard]] bool has_given_up() const { return wait_.is_over(); }

  result<void> execute(const char* script);

  result<void> begin(bool writing);
  /// Where the session is lost in the middle, the server is asked afterwards what became of it.
  result<void> commit();
  void roll_back();
  [[nodiscard]] bool in_transaction() const { return in_transaction_; }

  /// The URL without its password.
  [[nodiscard]] const std::string& path() const { return *name_; }
  /// One that only one session may hold; it ends with the session. False where another has it.
  result<bool> try_lock(std::int64_t key);

 private:
  friend class cursor;
  connection(std::string url, options how);

  result<void> connect();
  void open_session();
  result<void> be_connected();
  result<pg_result*> answer_to(cursor& what);
  pg_result* answer_to(const char* script);
  pg_result* answer_when(bool is_sent);
  result<std::string> prepared(const char* sql);
  fault fault_now(const pg_result* answer);

  std::string url_;
  options how_;
  std::unique_ptr<std::string> name_;
  pg_conn* session_ = nullptr;
  bool in_transaction_ = false;
  std::string transaction_;  ///< its id, where it writes
  std::unordered_map<const char*, std::string> statements_;
  std::vector<std::int64_t> locks_;
  waiting wait_;
};

/// The statement with $1, $2 ... for `?` and `?N`. Question marks in quotes stay.
std::string numbered(std::string_view sql);

/// What an SQLSTATE means to our callers.
fault fault_of(std::string_view state, std::string_view where, std::string_view said);

}  // namespace fabric::store::postgres
