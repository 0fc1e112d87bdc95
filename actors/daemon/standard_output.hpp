#pragma once

#include <functional>
#include <string_view>

/// Standard output, and whether what was written there arrived. All functions belong to the main
/// thread, as all writing does.
namespace fabric::daemon {

/// Opens what of the files 0 to 2 was closed by our parent, so that no file of ours gets their
/// number and with it what is meant for them. Writing to these fails, as it would have.
void open_standard_files();

/// Writes at once. After a failure nothing is written any more.
void write_output(std::string_view text);

/// While a slow reader keeps `write_output` waiting, `wanted` is asked again and again; once it
/// answers false the output is given up like one that has no reader.
void ask_while_output_waits(std::function<bool()> wanted);

/// Flushes, and answers whether all that was ever written arrived. A command that goes on for long
/// asks this from time to time: nobody may be there to read.
bool output_works();

/// From now on standard output is a daemon's log, which may fail without ending anything.
void output_is_a_log();

/// A command's last word: its exit status, or that of the output where that failed. Says why,
/// unless it is that the reader has gone, as in `fabricd list jobs | head -1`.
int end_output(int status);

}  // namespace fabric::daemon
