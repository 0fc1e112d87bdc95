#pragma once

#include <string>
#include <string_view>

#include "fabric/result.hpp"

namespace fabric::store {

/// The path in "sqlite:///relative.db" or "sqlite:////absolute.db", as SQLAlchemy reads them.
/// Faults: usage, naming the URL and what it should look like; for SQLite's memory too, which no
/// later command could read.
result<std::string> path_of_study_url(std::string_view url);

/// True for "postgresql://..." and "postgresql+driver://...".
bool is_postgres_url(std::string_view url);

/// Refuses a URL whose user or password has an @ or a / that is not escaped: libpq takes what
/// stands behind for a host, and names it in its messages. Faults: usage, without the URL.
result<void> check_postgres_url(std::string_view url);

/// The URL as it may be shown.
std::string without_password(std::string_view url);

/// "s --storage sqlite:///s.db": what names a study at a command line, quoted for a shell where
/// that is needed. For hints, which are to be pasted.
std::string study_words(std::string_view study, std::string_view url);

/// The text as one word of a shell's command.
std::string shell_word(std::string_view text);

}  // namespace fabric::store
