#include "scheduler/tuner/value_count.hpp"

namespace fabric::tuner {

std::string miscount(std::size_t values, std::size_t objectives) {
  return std::to_string(values) + (values == 1 ? " value for " : " values for ") +
         std::to_string(objectives) + (objectives == 1 ? " objective" : " objectives");
}

bool value_count::shows_mistake(std::size_t values) {
  was_right_ = was_right_ || values == objectives_;
  return values > 0 && !was_right_;
}

bool value_count::lacks_value() { return !was_right_ && ++lacks_ >= lacks_max; }

}  // namespace fabric::tuner
