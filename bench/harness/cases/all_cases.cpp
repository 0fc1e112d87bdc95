#include "bench/harness/bench_case.hpp"

namespace fabric::bench {

const std::vector<bench_case>& all_cases() {
  static const std::vector<bench_case> cases{
      {"local_calls", "functions on threads of this process; floor: a queue to threads",
       &local_calls},
      {"cluster_calls", "functions in worker processes; floor: libzmq ROUTER/DEALER",
       &cluster_calls},
      {"actor_calls", "methods of actors elsewhere; floor: libzmq ROUTER/DEALER", &actor_calls},
      {"caf_messages", "CAF actors of two programs; floor: CAF's own io module", &caf_messages},
      {"put_get", "values in shared memory by put and get; floor: memcpy and mmap by hand",
       &put_get},
      {"growth", "more worker processes, clients, bytes; floor: libzmq as it grows", &growth},
      {"command_tasks",
       "commands through head, store, node and spawner; floor: posix_spawn + waitpid",
       &command_tasks},
      {"request_round_trip", "one question to the head at a time; floor: libzmq ROUTER/DEALER",
       &request_round_trip},
      {"request_rate", "many questions under way; floor: libzmq ROUTER/DEALER", &request_rate},
      {"ask_tell", "a study's suggestions and results; floor: a bare SQLite transaction",
       &ask_tell},
      {"sampler_cost", "a suggestion and its result, by sampler and trials; beside Optuna",
       &sampler_cost},
      {"sampler_quality", "the best of 100 trials on standard functions; beside Optuna; long",
       &sampler_quality, true},
      {"complaints", "Optuna's own workers on a grid, alone and served; beside Optuna; long",
       &complaints, true},
      {"decisions", "the scheduler alone, 10 to 10,000 nodes, 1 M queued tasks", &decisions},
      {"objects", "large objects in shared memory; floor: memcpy and mmap by hand",
       &objects_shared},
      {"daemon", "start-to-serving and idle memory of a head; floor: `fabricd version`",
       &daemon_start}};
  return cases;
}

}  // namespace fabric::bench
