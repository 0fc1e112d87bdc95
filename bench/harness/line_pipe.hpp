#pragma once

#include <optional>
#include <string>

namespace fabric::bench {

/// Writes the text and an end of line to a pipe; false where nobody reads it any more.
bool write_line(int to, const std::string& text);

/// The next line, without its end; nothing where the other side ended before it was complete.
std::optional<std::string> read_line(int from);

}  // namespace fabric::bench
