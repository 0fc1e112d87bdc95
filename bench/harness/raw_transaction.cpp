#include "bench/harness/raw_transaction.hpp"

#include <sqlite3.h>

#include "bench/harness/bench_case.hpp"

namespace fabric::bench {

raw_transaction::raw_transaction(const std::string& path) {
  require(sqlite3_open(path.c_str(), &file_) == SQLITE_OK, "cannot open " + path);
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = FULL");
  execute(
      "CREATE TABLE row(number INTEGER PRIMARY KEY, state TEXT, key BLOB UNIQUE, value REAL,"
      " started INTEGER, ended INTEGER)");
  insert_ = prepare("INSERT INTO row VALUES(?1, 'RUNNING', CAST(?1 AS BLOB), NULL, ?1, NULL)");
  update_ = prepare("UPDATE row SET state = 'COMPLETE', value = ?1, ended = ?1 WHERE number = ?1");
}

raw_transaction::~raw_transaction() {
  sqlite3_finalize(insert_);
  sqlite3_finalize(update_);
  sqlite3_close(file_);
}

void raw_transaction::add_and_finish(std::size_t count) {
  const auto first = last_ + 1;
  last_ += static_cast<std::int64_t>(count);
  for (auto* statement : {insert_, update_}) {
    execute("BEGIN IMMEDIATE");
    for (auto number = first; number <= last_; ++number) {
      sqlite3_bind_int64(statement, 1, number);
      run(statement);
    }
    execute("COMMIT");
  }
}

std::int64_t raw_transaction::finished_rows() {
  auto* count = prepare("SELECT count(*) FROM row WHERE state = 'COMPLETE'");
  const auto rows = sqlite3_step(count) == SQLITE_ROW ? sqlite3_column_int64(count, 0) : -1;
  sqlite3_finalize(count);
  return rows;
}

void raw_transaction::execute(const char* text) {
  require(sqlite3_exec(file_, text, nullptr, nullptr, nullptr) == SQLITE_OK, sqlite3_errmsg(file_));
}

sqlite3_stmt* raw_transaction::prepare(const char* text) {
  sqlite3_stmt* made = nullptr;
  require(sqlite3_prepare_v2(file_, text, -1, &made, nullptr) == SQLITE_OK, sqlite3_errmsg(file_));
  return made;
}

void raw_transaction::run(sqlite3_stmt* what) {
  require(sqlite3_step(what) == SQLITE_DONE, sqlite3_errmsg(file_));
  sqlite3_reset(what);
}

}  // namespace fabric::bench
