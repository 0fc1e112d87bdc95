#include "resources/check.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace fabric {

namespace {

void print_and_abort(const char* file, int line, const char* claim) {
  std::fprintf(stderr, "%s:%d: broken claim: %s\n", file, line, claim);
  std::abort();
}

std::atomic<check_handler> current{&print_and_abort};

}  // namespace

check_handler set_check_handler(check_handler handler) {
  return current.exchange(handler != nullptr ? handler : &print_and_abort);
}

void check_failed(const char* file, int line, const char* claim) {
  current.load()(file, line, claim);
  std::abort();  // a handler that returns does not make the claim true
}

}  // namespace fabric
