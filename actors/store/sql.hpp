#pragma once

#include <variant>

#include "actors/store/postgres.hpp"
#include "actors/store/sqlite.hpp"

/// The database of the studies: a file of SQLite's, or PostgreSQL. One wording for both.
namespace fabric::store::sql {

using sqlite::blob;

/// As `sqlite::cursor`.
class cursor {
 public:
  explicit cursor(sqlite::cursor rows) : rows_(std::move(rows)) {}
  explicit cursor(postgres::cursor rows) : rows_(std::move(rows)) {}

  result<bool> next() {
    return std::visit([](auto& rows) { return rows.next(); }, rows_);
  }
  result<void> run() {
    return std::visit([](auto& rows) { return rows.run(); }, rows_);
  }
  [[nodiscard]] std::int64_t integer(int column) const {
    return std::visit([&](const auto& rows) { return rows.integer(column); }, rows_);
  }
  [[nodiscard]] double real(int column) const {
    return std::visit([&](const auto& rows) { return rows.real(column); }, rows_);
  }
  /// Valid until `next`, or until the next call.
  [[nodiscard]] std::string_view bytes(int column) const {
    return std::visit([&](const auto& rows) { return rows.bytes(column); }, rows_);
  }
  [[nodiscard]] std::string text(int column) const { return std::string(bytes(column)); }
  [[nodiscard]] bool is_null(int column) const {
    return std::visit([&](const auto& rows) { return rows.is_null(column); }, rows_);
  }

 private:
  std::variant<sqlite::cursor, postgres::cursor> rows_;
};

class connection {
 public:
  explicit connection(sqlite::connection to) : to_(std::move(to)) {}
  explicit connection(postgres::connection to) : to_(std::move(to)) {}

  [[nodiscard]] bool is_postgres() const { return to_.index() == 1; }
  [[nodiscard]] postgres::connection* as_postgres() {
    return std::get_if<postgres::connection>(&to_);
  }

  result<void> execute(const char* script) {
    return std::visit([&](auto& to) { return to.execute(script); }, to_);
  }
  /// The single integer that a query answers; 0 where it answers nothing.
  result<std::int64_t> integer(const char* sql) {
    auto rows = with(sql);
    auto more = rows.next();
    if (!more) return more.error();
    return *more ? rows.integer(0) : 0;
  }
  /// `sql` must be a literal: the prepared statement is known by its address. Parameters are `?` or
  /// `?N`.
  template <class... Values>
  cursor with(const char* sql, const Values&... values) {
    if (auto* file = std::get_if<sqlite::connection>(&to_)) {
      return cursor(file->with(sql, values...));
    }
    postgres::cursor rows(std::get<postgres::connection>(to_), sql);
    (bind(rows, values), ...);
    return cursor(std::move(rows));
  }
  [[nodiscard]] const std::string& path() const {
    return std::visit([](const auto& to) -> const std::string& { return to.path(); }, to_);
  }

  /// How a server that is away, or a file that is locked, is waited for from now on.
  void wait_by(const patience& how) {
    std::visit([&](auto& to) { to.wait_by(how); }, to_);
  }

  /// Runs `work` once more where the session was lost in the middle of it, which undid what it had
  /// done: a server may be restarted under us. Not where it stays away: that was waited for.
  template <class Work>
  auto persistently(Work work) {
    constexpr int tries = 5;
    for (int left = tries;; --left) {
      auto done = work();
      const auto* server = as_postgres();
      const bool is_lost = !done && server && done.error().code == fault_code::unreachable;
      if (!is_lost || left == 1 || server->has_given_up()) return done;
    }
  }

 private:
  friend class transaction;

  template <class T>
  static void bind(postgres::cursor& rows, const T& value) {
    if constexpr (std::is_convertible_v<T, std::string_view>) {
      rows.bind(std::string_view(value));
    } else {
      rows.bind(value);
    }
  }
  template <class T>
  static void bind(postgres::cursor& rows, const std::optional<T>& value) {
    if (value) {
      bind(rows, *value);
    } else {
      rows.bind(nullptr);
    }
  }

  std::variant<sqlite::connection, postgres::connection> to_;
};

/// BEGIN to COMMIT. What was not committed is rolled back with the object.
class transaction {
 public:
  /// Keeps other writers of ours out from here on.
  static result<transaction> begin(connection& in) { return begun(in, true); }
  /// All reads see the studies as they were at the first one.
  static result<transaction> begin_reading(connection& in) { return begun(in, false); }
  ~transaction() {
    if (session_ != nullptr) session_->roll_back();
  }
  transaction(transaction&& other) noexcept
      : file_(std::move(other.file_)), session_(std::exchange(other.session_, nullptr)) {}
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  transaction& operator=(transaction&&) = delete;

  result<void> commit() {
    if (file_) return file_->commit();
    return std::exchange(session_, nullptr)->commit();
  }

 private:
  explicit transaction(sqlite::transaction file) : file_(std::move(file)) {}
  explicit transaction(postgres::connection& session) : session_(&session) {}

  static result<transaction> begun(connection& in, bool writing) {
    if (auto* file = std::get_if<sqlite::connection>(&in.to_)) {
      auto change =
          writing ? sqlite::transaction::begin(*file) : sqlite::transaction::begin_reading(*file);
      if (!change) return change.error();
      return transaction(std::move(*change));
    }
    auto& session = std::get<postgres::connection>(in.to_);
    if (auto done = session.begin(writing); !done) return done.error();
    return transaction(session);
  }

  std::optional<sqlite::transaction> file_;
  postgres::connection* session_ = nullptr;
};

}  // namespace fabric::store::sql
