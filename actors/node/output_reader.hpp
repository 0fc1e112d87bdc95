#pragma once

#include <string>

#include "transport/message.hpp"

namespace fabric::actors {

/// What the file of a stream holds from the asked offset on, up to the asked size. `end` is set where
/// `over` and everything was read. A file that does not exist is an empty stream.
transport::log_chunk read_output(const std::string& path, const transport::log_read& what,
                                 bool over);

}  // namespace fabric::actors
