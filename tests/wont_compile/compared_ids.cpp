#include "fabric/ids.hpp"

bool same(fabric::job_id job, fabric::node_id node) {
#ifdef FABRIC_WRONG
  return job == node;
#else
  return job.value == node.value;
#endif
}
