#pragma once

#include <cstdint>

#include "fabric/demand.hpp"
#include "fabric/ids.hpp"

namespace fabric {

/// The first of the only task of a job.
inline attempt_id attempt(std::uint64_t job) { return {{job_id{job}, 0}, 1}; }
inline demand gpus(milli amount) { return {{{"gpu", amount}}, {}}; }

}  // namespace fabric
