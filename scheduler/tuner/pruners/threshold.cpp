#include "scheduler/tuner/pruners/threshold.hpp"

#include <cmath>

namespace fabric::tuner {

threshold_pruner::threshold_pruner(settings how, direction towards)
    : how_(how), sign_(towards == direction::maximize ? -1 : 1) {}

verdict threshold_pruner::judge(const history& its) {
  if (!how_.when.has(its)) return verdict::go_on;
  const double value = sign_ * its.last().loss;
  const bool is_out = std::isnan(value) || (how_.lower && value < *how_.lower) ||
                      (how_.upper && value > *how_.upper);
  return is_out ? verdict::stop : verdict::go_on;
}

}  // namespace fabric::tuner
