#include "actors/store/study_url.hpp"

#include <algorithm>

namespace fabric::store {

bool is_postgres_url(std::string_view url) {
  return url.starts_with("postgresql://") ||
         (url.starts_with("postgresql+") && url.find("://") != std::string_view::npos);
}

result<void> check_postgres_url(std::string_view url) {
  const auto begin = url.find("://") + 3;
  const auto rest = url.substr(begin, url.find('?', begin) - begin);
  const auto slash = std::min(rest.find('/'), rest.size());
  const bool is_plain =
      rest.find('@', slash) == rest.npos && std::ranges::count(rest.substr(0, slash), '@') <= 1;
  if (is_plain) return {};
  return fault{fault_code::usage,
               "the user or password in the storage's URL has an @ or a / as it is (the URL is not "
               "shown: it may tell the password)",
               "write %40 for @ and %2F for /, or leave the password to PGPASSWORD or ~/.pgpass"};
}

result<std::string> path_of_study_url(std::string_view url) {
  constexpr std::string_view scheme = "sqlite:///";
  const auto bad = [&](std::string_view why) {
    return fault{fault_code::usage, "storage '" + std::string(url) + "' " + std::string(why),
                 "write sqlite:///study.db for a file here, sqlite:////srv/study.db for a path, "
                 "postgresql://user@host/database for a server"};
  };
  if (url == "sqlite://" || url == "sqlite:///" || url == "sqlite:///:memory:") {
    return fault{
        fault_code::usage,
        "storage '" + std::string(url) + "' is SQLite's memory, which ends with the command",
        "name a file, as in sqlite:///study.db, or leave --storage out"};
  }
  if (url.starts_with("sqlite") && !url.starts_with(scheme)) return bad("has no sqlite:///path");
  if (!url.starts_with(scheme)) {
    return bad(url.find("://") == url.npos ? "is no URL" : "is neither SQLite nor PostgreSQL");
  }
  const auto path = url.substr(scheme.size());
  if (path.find('?') != path.npos) return bad("has options, and none are known");
  if (path.find('\0') != path.npos) return bad("has a NUL in it");
  return std::string(path);
}

std::string without_password(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const auto end = std::min(url.find('/', scheme + 3), url.size());
  const auto at = url.substr(0, end).rfind('@');
  std::string shown(url.substr(0, std::min(url.find('+'), scheme)));
  shown += "://";
  if (at == std::string_view::npos) {
    shown += url.substr(scheme + 3);
  } else {
    const auto user = url.substr(scheme + 3, at - scheme - 3);
    shown.append(user.substr(0, user.find(':'))).append(url.substr(at));
  }
  // Options may carry one too.
  const auto option = shown.find("password=");
  if (option == std::string::npos) return shown;
  const auto rest = std::min(shown.find('&', option), shown.size());
  return shown.replace(option, rest - option, "password=...");
}

std::string study_words(std::string_view study, std::string_view url) {
  return shell_word(study) + " --storage " + shell_word(url);
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  if (!text.empty() && text.find_first_not_of(plain) == text.npos) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace fabric::store
