#pragma once

namespace fabric::actors {

/// What a worker process does in place of the program's own main: takes calls from its owner until
/// it is retired, or its owner is gone. Answers the process's exit status; faults are said on
/// standard error in one line, where the node keeps them.
int serve_as_worker();

}  // namespace fabric::actors
