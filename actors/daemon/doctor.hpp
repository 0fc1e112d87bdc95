#pragma once

#include <string>
#include <vector>

namespace fabric::daemon {

/// One thing that the doctor looked at.
struct finding {
  enum class level : std::uint8_t { fine, note, problem } is = level::fine;
  std::string what;    ///< "port 6333"
  std::string detail;  ///< one line
  std::string remedy;  ///< empty where nothing needs doing
};

struct doctor_options {
  std::string address;    ///< HOST:PORT of a head; empty: the known cluster's, if any
  std::string token;      ///< to try at that head; empty: none
  std::string state_dir;  ///< of an instance, absolute; empty: those in the default place
  std::string host;       ///< an address this node is to be reached at
  std::uint16_t port = 6333;
};

/// Looks at this machine and the head, changes nothing. Takes at most about 3 s.
std::vector<finding> examine(const doctor_options& how);

}  // namespace fabric::daemon
