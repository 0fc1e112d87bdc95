#include "tests/store/postgres_server.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace fabric::store {

namespace {

const std::string programs = "/usr/lib/postgresql/15/bin/";

}  // namespace

postgres_server::postgres_server() {
  if (::access((programs + "initdb").c_str(), X_OK) != 0) {
    missing_ = "the package postgresql is not installed: PostgreSQL is NOT tested";
    return;
  }
  if (::geteuid() == 0) {
    const auto* user = ::getpwnam("postgres");
    if (user == nullptr || ::chown(folder_path_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      missing_ = "there is no user postgres: PostgreSQL is NOT tested";
      return;
    }
  }
  said(programs + "initdb -D " + folder_path_ + "data -U fabric -A trust --no-sync -E UTF8");
  start();
  said(programs + "createdb -h " + folder_path_ + " -U fabric studies");
}

postgres_server::~postgres_server() {
  if (missing_.empty()) stop();
}

std::string postgres_server::url(const std::string& database, const std::string& user) const {
  return "postgresql://" + user + "@/" + database + "?host=" + folder_path_;
}

void postgres_server::start() {
  said(programs + "pg_ctl -D " + folder_path_ + "data -w -l " + folder_path_ +
       "log -o \"-c listen_addresses='' -c fsync=off -k " + folder_path_ + "\" start");
}

void postgres_server::stop() {
  said(programs + "pg_ctl -D " + folder_path_ + "data -w -m immediate stop");
}

std::string postgres_server::query(const std::string& sql) const {
  return said(programs + "psql -h " + folder_path_ + " -U fabric -d studies -At -c \"" + sql +
              "\"");
}

std::string postgres_server::said(const std::string& command) const {
  // The working folder may be closed to the server's user.
  const std::string as = ::geteuid() == 0 ? "runuser -u postgres -- " : "";
  const auto whole = "cd / && " + as + command + " 2>&1";
  FILE* pipe = ::popen(whole.c_str(), "r");
  std::string text;
  std::array<char, 4096> part{};
  while (const auto size = std::fread(part.data(), 1, part.size(), pipe)) {
    text.append(part.data(), size);
  }
  EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << text;
  return text;
}

}  // namespace fabric::store
