#pragma once

#include "bench/harness/measurement.hpp"

/// What the Ray project publishes of its own microbenchmarks (`ray microbenchmark`, ray_perf.py),
/// under the names that it gives them there. Constants: nothing of Ray is run here.
namespace fabric::bench::ray {

published_figure single_client_tasks_sync();
published_figure single_client_tasks_async();
published_figure multi_client_tasks_async();
published_figure single_client_tasks_and_get_batch();
published_figure actor_calls_sync_1_1();
published_figure actor_calls_async_1_1();
published_figure actor_calls_concurrent_1_1();
published_figure actor_calls_async_1_n();
published_figure actor_calls_async_n_n();
published_figure actor_calls_with_arg_async_n_n();
published_figure many_actors();
published_figure put_calls();
published_figure get_calls();
published_figure put_gigabytes();
published_figure get_with_10k_references();
published_figure wait_1k_references();
published_figure args_10k();
published_figure queued_1m();

/// The same as microseconds each; precondition: a rate.
published_figure as_us(published_figure rate);

}  // namespace fabric::bench::ray
