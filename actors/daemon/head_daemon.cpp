#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>

#include "actors/daemon/background.hpp"
#include "actors/daemon/boot.hpp"
#include "actors/daemon/credentials.hpp"
#include "actors/daemon/head_dashboard.hpp"
#include "actors/daemon/object_janitor.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/state_dir.hpp"
#include "actors/daemon/task_cgroup.hpp"
#include "actors/head.hpp"
#include "actors/objects/settings.hpp"
#include "actors/worker.hpp"
#include "resources/detect.hpp"

namespace fabric::daemon {

namespace {

constexpr std::uint16_t default_port = 6333;
constexpr auto first_contact_patience = std::chrono::seconds{5};

std::string store_path(const start_options& how, const head_credentials& keys) {
  return keys.store.empty() ? how.state_dir + "/store.db" : keys.store;
}

/// What a head that was started before knows is in its store. An empty one in its place would have
/// another cluster id, and every node would refuse it.
result<void> check_store_is_there(const std::string& path) {
  if (access(path.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)) return {};
  return fault{
      fault_code::not_found, "the store of this head, " + path + ", is gone",
      "mount its disk or restore a backup; --store with another path begins a new cluster, "
      "which all nodes must join anew"};
}

/// Keys and place as they were at the last start, or new ones; what the command line says wins.
result<head_credentials> credentials_for(const start_options& how) {
  auto known = load_head(how.state_dir);
  if (!known && known.error().code != fault_code::not_found) return known;
  const bool is_new = !known;
  head_credentials made;
  if (is_new) {
    made = {.server = transport::make_key_pair(),
            .node = transport::make_key_pair(),
            .client = transport::make_key_pair(),
            .joiner = transport::make_key_pair(),
            .bind_host = "127.0.0.1",
            .port = default_port,
            .advertised = "127.0.0.1"};
  } else {
    made = std::move(*known);
  }
  if (!how.host.empty()) {
    made.bind_host = how.host;
    made.advertised = how.host;
  }
  if (how.port) made.port = *how.port;
  const auto last_store = store_path(how, made);
  if (!how.store.empty()) made.store = how.store;
  if (made.store == how.state_dir + "/store.db") made.store.clear();
  if (!is_new && store_path(how, made) == last_store)
    if (auto there = check_store_is_there(last_store); !there) return std::move(there).error();
  return made;
}

/// What `start --head` prints: where the head is and how to join it.
std::string welcome_text(const start_options& how, const head_credentials& keys,
                         const cluster_file& made) {
  const auto token =
      to_string(transport::join_token{keys.server.public_key, keys.joiner, made.cluster});
  const auto cluster_path = how.state_dir + "/cluster.json";
  const auto link = made.dashboard.empty() ? "" : dashboard_link(made.dashboard, keys);
  if (how.as_json)
    return document_text({{"address", made.address},
                          {"cluster", made.cluster},
                          {"node", how.name.empty() ? host_name() : how.name},
                          {"join", {{"address", made.address}, {"token", token}}},
                          {"dashboard", link.empty() ? json(nullptr) : json(link)},
                          {"cluster_file", cluster_path},
                          {"state_dir", how.state_dir},
                          {"pid", getpid()}});
  return "fabric head at " + made.address + " (cluster " + made.cluster + ")\n" +
         (link.empty() ? "" : "dashboard: " + link + "\n") +
         "clients on this machine: FABRIC_CLUSTER=" + cluster_path + "\n" +
         "join another machine with:\n  fabricd start --address " + made.address + " --token " +
         token + "\n";
}

/// What the starter should know besides.
std::vector<std::string> notices_of(const start_options& how,
                                    const std::optional<dashboard_seat>& seat) {
  std::vector<std::string> all;
  if (!how.durable_to_disk) all.emplace_back("durability is process: a power loss may lose work");
  if (!seat) return all;
  all.insert(all.end(), seat->notices.begin(), seat->notices.end());
  for (const auto& warning : seat->warnings) all.push_back("warning: " + warning);
  return all;
}

/// A new key pair in place of that one, whose public key is answered.
std::string renewed(head_credentials& keys, const std::string& old) {
  for (auto* pair : {&keys.client, &keys.joiner, &keys.node, &keys.observer})
    if (pair->public_key == old) {
      *pair = transport::make_key_pair();
      return pair->public_key;
    }
  return old;
}

/// The running head with its own node, in the order of their lives.
struct head_node {
  std::unique_ptr<actors::runtime> process;
  std::unique_ptr<actors::head> head;
  std::unique_ptr<actors::worker> node;
  std::unique_ptr<head_dashboard> dashboard;
};

result<head_node> assemble(const start_options& how, head_credentials& keys,
                           std::optional<dashboard_seat> seat,
                           std::shared_ptr<spawner::link> processes, int& exit_status) {
  auto boot = survey(how, transport::id_of_key(keys.node.public_key));
  if (!boot) return std::move(boot).error();
  for (const auto& note : boot->notes) spdlog::info("resources: {}", note);
  auto process = actors::runtime::start(2);
  if (!process) return std::move(process).error();
  head_node made{.process = std::move(*process)};

  actors::head_options options{
      .store_path = store_path(how, keys),
      .durability = how.durable_to_disk ? store::durability::full : store::durability::process,
      .programs_folder = how.state_dir + "/blobs",
      .endpoint = "tcp://" + keys.bind_host + ":" +
                  (keys.port == 0 ? std::string{"*"} : std::to_string(keys.port)),
      .advertised_host = keys.advertised == "0.0.0.0" ? boot->settings.facts.host : keys.advertised,
      .server = keys.server,
      .admitted = {{keys.node.public_key, transport::role::worker, boot->settings.facts.name, 0,
                    false},
                   {keys.client.public_key, transport::role::client, "cluster.json", 0, false},
                   {keys.joiner.public_key, transport::role::joiner, "token", 0, false}},
      .own_keys = {keys.node.public_key, keys.observer.public_key},
      .renew = [&keys](const store::admitted_key& old) { return renewed(keys, old.public_key); },
      .give_up = ending_daemon(exit_status)};
  if (seat) {
    options.admitted.push_back(
        {keys.observer.public_key, transport::role::observer, "dashboard", 0, false});
    options.dashboard = seat->address;
    options.warnings = seat->warnings;
  }
  options.scheduling.lease = how.lease;
  options.scheduling.placement = how.placement;
  options.scheduling.margin = std::chrono::seconds{1} + how.lease / 1000 + std::chrono::seconds{1};
  auto head = actors::head::start(*made.process, std::move(options));
  if (!head) return std::move(head).error();
  made.head = std::move(*head);
  const auto& endpoint = made.head->endpoint();
  keys.port = static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));

  const auto dialled = keys.bind_host == "0.0.0.0" ? std::string{"127.0.0.1"} : keys.bind_host;
  auto& node = boot->settings;
  node.head = {"tcp://" + dialled + ":" + std::to_string(keys.port), keys.server.public_key,
               keys.node, made.head->cluster()};
  auto first = make_contact();
  node.first_contact = std::move(first.tell);
  node.broken = ending_daemon(exit_status);
  made.node = actors::worker::start(*made.process, node, std::move(processes));
  if (first.outcome.wait_for(first_contact_patience) != std::future_status::ready)
    return fault{fault_code::internal, "the head's own node could not join it in time", ""};
  if (auto joined = first.outcome.get(); !joined) return std::move(joined).error();
  if (seat) {
    auto as_observer = node.head;
    as_observer.keys = keys.observer;
    made.dashboard = std::make_unique<head_dashboard>(*made.process, std::move(as_observer),
                                                      std::move(*seat), keys, how);
  }
  return made;
}

int serve(const start_options& how, readiness& ready) {
  block_signals();
  const auto fail = [&ready](const fault& why) {
    ready.failed(why);
    return exit_status_of(why.code);
  };
  const auto objects = objects::settings_of_environment();
  if (!objects) return fail(objects.error());
  auto lock = lock_instance(how.state_dir);
  if (!lock) return fail(lock.error());
  const auto group = task_cgroup::make();
  auto processes = spawner::link::launch({.cgroup_parent = group ? group->path() : ""});
  if (!processes) return fail(processes.error());
  // After the spawner is forked, which therefore never holds a key.
  hide_memory();
  auto keys = credentials_for(how);
  if (!keys) return fail(keys.error());
  if (auto ours = check_own_address(keys->bind_host); !ours) return fail(ours.error());
  std::optional<dashboard_seat> seat;
  if (how.has_dashboard) {
    auto taken = take_dashboard_seat(how, *keys);
    if (!taken) return fail(taken.error());
    seat = std::move(*taken);
  }
  const auto dashboard = seat ? seat->address : std::string{};
  auto notices = notices_of(how, seat);
  log_as("head", how);
  const object_janitor janitor(objects::options_of(*objects));
  int exit_status = 0;
  auto running = assemble(how, *keys, std::move(seat),
                          std::make_shared<spawner::link>(std::move(*processes)), exit_status);
  if (!running) return fail(running.error());

  const auto address = running->head->endpoint().substr(std::string{"tcp://"}.size());
  const auto cluster_path = how.state_dir + "/cluster.json";
  if (auto kept = save(how.state_dir, *keys); !kept) return fail(kept.error());
  const cluster_file for_clients{address,       keys->server.public_key,
                                 keys->client,  running->head->cluster(),
                                 how.state_dir, dashboard};
  if (auto kept = save(cluster_path, for_clients); !kept) return fail(kept.error());
  if (!how.named_state_dir) {
    auto path = default_cluster_file();
    if (!path) return fail(path.error());
    if (auto kept = save(*path, for_clients); !kept) return fail(kept.error());
  }

  spdlog::info("serving at {}, cluster {}, epoch {}", address, running->head->cluster(),
               running->head->epoch());
  ready.serving({welcome_text(how, *keys, for_clients), std::move(notices)});
  const auto how_to_end = wait_for_stop();
  spdlog::info("stopping");
  if (exit_status == 0 && how_to_end == stop_kind::drain) drain(*running->node);
  running->node.reset();
  running->dashboard.reset();
  running->head->stop();
  return exit_status;
}

}  // namespace

int start_head(const start_options& how) {
  if (auto made = prepare_state_dir(how.state_dir); !made) return complain(made.error());
  const auto run = [&how](readiness& ready) { return serve(how, ready); };
  if (how.foreground) return run_in_foreground(run);
  return run_in_background(how.state_dir + "/daemon.log", run);
}

}  // namespace fabric::daemon
