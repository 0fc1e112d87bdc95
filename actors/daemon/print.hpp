#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fabric/fault.hpp"

namespace fabric::daemon {

using json = nlohmann::ordered_json;

/// "fabricd: CODE: what happened; what to do" on standard error; answers the exit status. The last
/// word of a command: with --json it is also the command's document.
int complain(const fault& why);

/// The line alone, of a fault that the command goes on from or puts into its own document.
int remark(const fault& why);

/// From now on `complain` also prints {"error": ...} on standard output.
void complain_in_json_too();

/// code, retry (never, same_key, later), detail, hint.
json to_json(const fault& why);

/// The document as people can read it, with an end of line.
std::string document_text(const json& document);
/// One JSON document on standard output.
void print(const json& document);
/// The same on one line, for documents that follow each other.
void print_line(const json& document);

/// A table with aligned columns; the first row is the heading. Control bytes are replaced.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// What a person may see of a text from elsewhere: no control bytes.
std::string printable(const std::string& text);

/// "1 trial", "3 trials"
std::string counted(std::uint64_t many, const std::string& noun);

/// "3", "0.5", "8.0 GiB" for a resource's JSON number.
std::string amount_text(const std::string& resource, const json& amount);

}  // namespace fabric::daemon
