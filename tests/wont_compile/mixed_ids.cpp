#include "fabric/ids.hpp"

fabric::job_id copied(fabric::job_id job, fabric::node_id node) {
#ifdef FABRIC_WRONG
  job = node;
#else
  job = fabric::job_id{node.value};
#endif
  return job;
}
