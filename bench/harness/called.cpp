#include "bench/harness/called.hpp"

#include <unistd.h>

#include <chrono>
#include <thread>

namespace fabric::bench {

int twice(int n) { return 2 * n; }
FABRIC_FUNCTION(twice);

std::string echo(std::string text) { return text; }
FABRIC_FUNCTION(echo);

void wait_for_file(std::string path) {
  while (::access(path.c_str(), F_OK) != 0)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
}
FABRIC_FUNCTION(wait_for_file);

}  // namespace fabric::bench
