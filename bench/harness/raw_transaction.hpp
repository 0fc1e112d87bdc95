#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace fabric::bench {

/// The floor of stored suggestions and results: one narrow table in a file of its own, in the mode
/// that a study's file has (WAL, synchronous=FULL), written by prepared statements.
class raw_transaction {
 public:
  explicit raw_transaction(const std::string& path);
  ~raw_transaction();
  raw_transaction(const raw_transaction&) = delete;
  raw_transaction& operator=(const raw_transaction&) = delete;

  /// A transaction of `count` new rows, then one that fills in their results.
  void add_and_finish(std::size_t count);
  [[nodiscard]] std::int64_t finished_rows();

 private:
  void execute(const char* text);
  sqlite3_stmt* prepare(const char* text);
  void run(sqlite3_stmt* what);

  sqlite3* file_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* update_ = nullptr;
  std::int64_t last_ = 0;
};

}  // namespace fabric::bench
