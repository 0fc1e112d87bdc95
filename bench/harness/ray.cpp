#include "bench/harness/ray.hpp"

namespace fabric::bench::ray {

namespace {

/// Of the released results in the repository ray-project/ray, at commit 6aae543.
published_figure micro(double per_second, const char* unit) {
  return {"Ray", per_second, unit, "m5.16xlarge, 64 vCPUs",
          "ray-project/ray release/perf_metrics/microbenchmark.json"};
}

published_figure scalability(double value, const char* unit, const char* machine,
                             const char* file) {
  return {"Ray", value, unit, machine, file};
}

constexpr const char* single_node =
    "ray-project/ray release/perf_metrics/scalability/single_node.json";

}  // namespace

published_figure single_client_tasks_sync() { return micro(952, "tasks/s"); }
published_figure single_client_tasks_async() { return micro(7'691, "tasks/s"); }
published_figure multi_client_tasks_async() { return micro(22'009, "tasks/s"); }
published_figure single_client_tasks_and_get_batch() { return micro(7.99, "batches/s"); }
published_figure actor_calls_sync_1_1() { return micro(1'950, "calls/s"); }
published_figure actor_calls_async_1_1() { return micro(7'956, "calls/s"); }
published_figure actor_calls_concurrent_1_1() { return micro(5'303, "calls/s"); }
published_figure actor_calls_async_1_n() { return micro(8'575, "calls/s"); }
published_figure actor_calls_async_n_n() { return micro(27'276, "calls/s"); }
published_figure actor_calls_with_arg_async_n_n() { return micro(2'632, "calls/s"); }

published_figure put_calls() { return micro(5'238, "puts/s"); }
published_figure get_calls() { return micro(10'394, "gets/s"); }
/// 20.9 GB/s.
published_figure put_gigabytes() { return micro(19.46, "GiB/s"); }
published_figure get_with_10k_references() { return micro(13.2, "gets/s"); }

published_figure wait_1k_references() { return micro(5.2, "rounds/s"); }

published_figure many_actors() {
  return scalability(576, "actors/s", "64 nodes of 64 cores",
                     "ray-project/ray release/perf_metrics/benchmarks/many_actors.json");
}
published_figure args_10k() { return scalability(17.2, "s", "m4.16xlarge, 64 vCPUs", single_node); }
published_figure queued_1m() { return scalability(184, "s", "m4.16xlarge, 64 vCPUs", single_node); }

published_figure as_us(published_figure rate) {
  rate.value = 1e6 / rate.value;
  rate.unit = "us";
  return rate;
}

}  // namespace fabric::bench::ray
