#include "scheduler/tuner/value_count.hpp"

namespace fabric::tuner {

std::string miscount(std::size_t values, std::size_t objectives) {
  return std::to_string(values) + (values == 1 ? " value for " : " values for ") +
         std::to_string(objectives) + (objectives == 1 ? " objective" : " objectives");
}

}  // namespace fabric::tuner
