#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fabric/fault.hpp"

namespace fabric::daemon {

using json = nlohmann::ordered_json;

/// "fabricd: CODE: what happened; what to do" on standard error; answers the exit status.
int complain(const fault& why);

/// One JSON document on standard output.
void print(const json& document);

/// A table with aligned columns; the first row is the heading. Control bytes are replaced.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// What a person may see of a text from elsewhere: no control bytes.
std::string printable(const std::string& text);

/// "3", "0.5", "8.0 GiB" for a resource's JSON number.
std::string amount_text(const std::string& resource, const json& amount);

}  // namespace fabric::daemon
