#include <cstdint>

#include "fabric/ids.hpp"

std::string printed(std::uint64_t number) {
  fabric::job_id id;
#ifdef FABRIC_WRONG
  fabric::job_id other = number;
  id = other;
#else
  id = fabric::job_id{number};
#endif
  return to_string(id);
}
