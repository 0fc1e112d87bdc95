#pragma once

#include <vector>

#include "transport/codec.hpp"

namespace fabric::transport::samples {

/// One message of every type, in the order of their numbers, each field with a value of its own.
std::vector<message> every_message();

/// As above, each with nothing but defaults.
std::vector<message> every_empty_message();

header a_header();
command_work a_command();
task_report a_report();
std::vector<spawner::message> every_spawner_message();

}  // namespace fabric::transport::samples
