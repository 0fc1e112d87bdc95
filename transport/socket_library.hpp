#pragma once

#include <string>

namespace fabric::transport {

/// The version of libzmq that this process is linked with, as in "4.3.4".
std::string socket_library_version();

}  // namespace fabric::transport
