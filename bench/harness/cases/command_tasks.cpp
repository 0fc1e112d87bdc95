#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <future>
#include <thread>

#include "actors/embedded_cluster.hpp"
#include "actors/head_connection.hpp"
#include "actors/spawner/spawner.hpp"
#include "bench/harness/bench_case.hpp"
#include "bench/harness/sample.hpp"
#include "bench/harness/scratch.hpp"
#include "resources/detect.hpp"
#include "scheduler/job.hpp"
#include "transport/codec.hpp"
#include "transport/work.hpp"

namespace fabric::bench {

namespace {

/// A head with a store on disk, as a daemon has it, and a node in one process.
struct cluster {
  std::unique_ptr<actors::runtime> process;
  std::unique_ptr<actors::head> head;
  std::unique_ptr<actors::worker> node;
  actors::head_address client;
};

cluster start_cluster(std::shared_ptr<spawner::link> processes, const std::string& folder,
                      std::int64_t cpus) {
  cluster made;
  made.process = require(actors::runtime::start(2));
  const auto server = transport::make_key_pair();
  const auto node_keys = transport::make_key_pair();
  const auto client_keys = transport::make_key_pair();
  actors::head_options options{
      .store_path = folder + "/store.db",
      .durability = store::durability::full,
      .server = server,
      .admitted = {{node_keys.public_key, transport::role::worker, "node", 0, false},
                   {client_keys.public_key, transport::role::client, "client", 0, false}},
      .give_up = [](const fault&) {}};
  made.head = require(actors::head::start(*made.process, std::move(options)));
  const auto as = [&](const transport::key_pair& who) {
    return actors::head_address{made.head->endpoint(), server.public_key, who,
                                made.head->cluster()};
  };
  made.client = as(client_keys);
  actors::node_settings node{.facts = {.id = transport::id_of_key(node_keys.public_key),
                                       .name = "node",
                                       .host = host_name(),
                                       .state_dir = folder,
                                       .base_env = actors::inheritable(actors::own_environment())},
                             .has = capacity{.amounts = {{std::string{cpu}, units(cpus)}}},
                             .head = as(node_keys),
                             .incarnation = incarnation_id{1},
                             .boot_id = require(boot_id())};
  auto contact = std::make_shared<std::promise<result<transport::welcome>>>();
  auto joined = contact->get_future();
  node.first_contact = [contact](result<transport::welcome> what) {
    contact->set_value(std::move(what));
  };
  node.broken = [](const fault&) {};
  made.node = actors::worker::start(*made.process, std::move(node), std::move(processes));
  require(joined.get());
  return made;
}

/// Counts what a watched job's tasks came to.
struct tally {
  std::size_t succeeded = 0;
  std::size_t others = 0;
  std::promise<bool> over;  ///< whether all succeeded
};

/// Seconds from submission until the last result of `count` tasks is here.
double run_array(actors::head_connection& head, std::uint32_t count, milli cpus) {
  const transport::command_work work{.argv = {"/bin/true"}, .cwd = "/", .cwd_required = true};
  transport::submit request{.payload = transport::encode(work),
                            .needs = {.amounts = {{std::string{cpu}, cpus}}},
                            .count = count,
                            .is_array = true,
                            .watch = true};
  auto seen = std::make_shared<tally>();
  auto over = seen->over.get_future();
  head.listen([seen](const transport::message& what) {
    if (const auto* task = std::get_if<transport::task_finished>(&what)) {
      const bool well = task->state == static_cast<std::uint8_t>(scheduler::task_state::succeeded);
      ++(well ? seen->succeeded : seen->others);
    } else if (const auto* job = std::get_if<transport::job_finished>(&what)) {
      seen->over.set_value(job->all_succeeded);
    }
  });
  const auto start = timer::now();
  require(head.call(std::move(request), std::chrono::seconds{60}));
  require(over.wait_for(std::chrono::minutes{10}) == std::future_status::ready,
          "the tasks did not end within 10 minutes");
  const double taken = seconds_since(start);
  require(over.get() && seen->succeeded == count && seen->others == 0,
          std::to_string(seen->succeeded) + " of " + std::to_string(count) + " tasks succeeded");
  return taken;
}

/// Seconds of `count` processes, at most `parallel` at a time.
double run_bare(std::size_t count, std::size_t parallel) {
  std::string program = "/bin/true";
  std::array<char*, 2> argv{program.data(), nullptr};
  const auto start = timer::now();
  std::vector<pid_t> running;
  const auto reap = [&running](std::size_t down_to) {
    while (running.size() > down_to) {
      int status = 0;
      const auto ended = waitpid(running.front(), &status, 0);
      require(ended == running.front() && WIFEXITED(status) && WEXITSTATUS(status) == 0,
              "/bin/true failed");
      running.erase(running.begin());
    }
  };
  for (std::size_t i = 0; i < count; ++i) {
    pid_t pid = 0;
    require(posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv.data(), environ) == 0,
            "posix_spawn failed");
    running.push_back(pid);
    reap(parallel - 1);
  }
  reap(0);
  return seconds_since(start);
}

}  // namespace

std::vector<measurement> command_tasks(const settings& how) {
  const scratch folder{how};
  // Before anything starts a thread.
  auto processes = std::make_shared<spawner::link>(require(spawner::link::launch({})));
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  auto running = start_cluster(processes, folder.path(), cores);
  actors::head_connection head{*running.process, running.client};

  const int repetitions = how.smoke ? 1 : 5;
  run_array(head, how.smoke ? 5 : 100, units(1));
  struct shape {
    const char* name;
    milli cpus;
    std::uint32_t tasks;  ///< fewer where each waits for the disk
    bool is_the_aim;
  };
  std::vector<measurement> all;
  for (const auto& [name, cpus, tasks, is_the_aim] :
       {shape{"tasks of 1 CPU", units(1), 300, false},
        shape{"tasks of 0.05 CPU", milli{50}, 2'000, true}}) {
    const std::uint32_t count = how.smoke ? 20 : tasks;
    measurement m{.case_name = "command_tasks", .figure = name, .unit = "tasks/s"};
    fill(m, take_in_turn(
                repetitions, [&] { return count / run_bare(count, 1); },
                [&, needs = cpus] { return count / run_array(head, count, needs); }));
    m.floor_name = "posix_spawn + waitpid, one by one";
    if (is_the_aim) m.wanted = aim{aim::measure::ratio, aim::side::at_least, 0.7};
    m.extra["tasks"] = count;
    m.extra["at a time"] = static_cast<double>(units(cores).value / cpus.value);
    m.extra["bare, as many at a time as cores"] = count / run_bare(count, cores);
    all.push_back(std::move(m));
  }
  return all;
}

}  // namespace fabric::bench
