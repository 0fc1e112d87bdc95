#pragma once

#include <optional>

#include "actors/daemon/print.hpp"
#include "transport/message.hpp"
#include "transport/work.hpp"

namespace fabric::daemon {

/// How the task of a `run` ended, as the head told it.
struct run_end {
  transport::task_finished told;
  transport::task_report report;  ///< decoded from `told`
};

/// What `run` ends with: the status a shell would give, and why where that is not the command's own
/// doing.
struct run_verdict {
  int status = 0;
  std::optional<fault> why;
};

run_verdict conclude(const run_end& end);

/// The task as `get` shows it, with the last of its output.
json document_of(const run_end& end, const run_verdict& so);

}  // namespace fabric::daemon
