#include "actors/daemon/terminal_look.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace fabric::daemon {

namespace {

constexpr std::size_t columns_max = 120;  // longer lines are hard to follow

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

/// The first of the variables that is set decides (POSIX, chapter 8.2).
bool locale_is_utf8() {
  for (const auto* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    auto value = variable(name);
    if (value.empty()) continue;
    std::erase(value, '-');
    std::ranges::transform(value, value.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return value.find("UTF8") != std::string::npos;
  }
  return false;
}

}  // namespace

bool output_is_a_terminal() { return isatty(STDOUT_FILENO) != 0; }

plots::terminal_look look_of_output() {
  plots::terminal_look how;
  winsize size{};
  if (output_is_a_terminal() && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    how.columns = std::min<std::size_t>(size.ws_col - 1U, columns_max);
  how.utf8 = locale_is_utf8();
  how.colours =
      output_is_a_terminal() && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  return how;
}

}  // namespace fabric::daemon
