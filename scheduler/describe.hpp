#pragma once

#include <string>

#include "scheduler/command.hpp"
#include "scheduler/event.hpp"

/// One line for each event, command and record, for traces: what is to be read by people and
/// compared by scripts. Opaque bytes are not shown.
namespace fabric::scheduler {

std::string describe(const event_type& what);
std::string describe(const command_type& what);
std::string describe(const record_type& what);

}  // namespace fabric::scheduler
