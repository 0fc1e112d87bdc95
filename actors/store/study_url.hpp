#pragma once

#include <string>
#include <string_view>

#include "fabric/result.hpp"

namespace fabric::store {

/// The path in "sqlite:///relative.db" or "sqlite:////absolute.db", as SQLAlchemy reads them.
/// Faults: usage, naming the URL and what it should look like.
result<std::string> path_of_study_url(std::string_view url);

/// True for "postgresql://..." and "postgresql+driver://...".
bool is_postgres_url(std::string_view url);

}  // namespace fabric::store
