#pragma once

#include <string>

#include "tests/store/scratch_folder.hpp"

namespace fabric::store {

/// A PostgreSQL of the test's own: in a scratch folder, reached by a socket there, gone with it.
/// Where the test runs as root it runs as `postgres`, because the server refuses root.
class postgres_server {
 public:
  postgres_server();
  ~postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  /// Why there is none; empty where it runs.
  [[nodiscard]] const std::string& missing() const { return missing_; }
  [[nodiscard]] std::string url(const std::string& database = "studies",
                                const std::string& user = "fabric") const;
  void start();
  /// At once, as in a crash: sessions are cut.
  void stop();
  /// What psql prints.
  std::string query(const std::string& sql) const;

 private:
  std::string said(const std::string& command) const;

  scratch_folder folder_;
  std::string folder_path_ = folder_ / "";
  std::string missing_;
};

}  // namespace fabric::store
