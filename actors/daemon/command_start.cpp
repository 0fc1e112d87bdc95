#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "actors/daemon/command.hpp"
#include "actors/daemon/duration_text.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/start_options.hpp"
#include "actors/daemon/state_dir.hpp"
#include "actors/dashboard/host_list.hpp"

namespace fabric::daemon {

namespace {

struct flags {
  bool head = false;
  std::string address;
  std::string token;
  std::string token_file;
  std::string port;
  std::string host;
  std::string num_cpus;
  std::string num_gpus;
  std::string memory;
  std::string resources;
  std::string labels;
  std::string store;
  std::string name;
  std::string state_dir;
  std::string lease = "60s";
  std::string durability = "full";
  std::string placement = "pack";
  std::string worker;
  bool block = false;
  bool as_json = false;
  std::string dashboard_host;
  std::string dashboard_port;
  std::vector<std::string> dashboard_names;
  bool no_dashboard = false;
};

fault wrong(std::string detail, std::string hint = "see `fabricd start --help`") {
  return {fault_code::usage, std::move(detail), std::move(hint)};
}

result<std::uint32_t> whole_number(const std::string& text, const std::string& what,
                                   std::uint32_t most) {
  std::uint32_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number > most)
    return wrong(what + " '" + text + "' is no whole number from 0 to " + std::to_string(most));
  return number;
}

result<overrides> overrides_of(const flags& from) {
  overrides said;
  if (!from.num_cpus.empty()) {
    auto amount = parse_amount(from.num_cpus, "--num-cpus");
    if (!amount) return std::move(amount).error();
    said.num_cpus = *amount;
  }
  if (!from.num_gpus.empty()) {
    auto number = whole_number(from.num_gpus, "--num-gpus", 1024);
    if (!number) return std::move(number).error();
    said.num_gpus = *number;
  }
  if (!from.memory.empty()) {
    auto bytes = parse_bytes(from.memory, "--memory");
    if (!bytes) return std::move(bytes).error();
    said.memory = *bytes;
  }
  if (!from.resources.empty()) {
    auto custom = parse_resources(from.resources);
    if (!custom) return std::move(custom).error();
    said.resources = std::move(*custom);
  }
  if (!from.labels.empty()) {
    auto labels = parse_labels(from.labels);
    if (!labels) return std::move(labels).error();
    said.labels = std::move(*labels);
  }
  return said;
}

/// "host:port" with both parts there.
result<void> check_address(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return wrong("--address '" + address + "' is not of the form HOST:PORT");
  auto port = whole_number(address.substr(colon + 1), "the port of --address", 65535);
  if (!port) return std::move(port).error();
  if (*port == 0) return wrong("--address '" + address + "' has port 0");
  return {};
}

result<std::string> token_of(const flags& from) {
  if (!from.token.empty()) return from.token;
  if (!from.token_file.empty()) {
    std::ifstream file(from.token_file);
    std::string word;
    if (!(file >> word))
      return fault{fault_code::config, "cannot read a token from " + from.token_file,
                   "give it the word behind --token of the line that the head printed"};
    return word;
  }
  const char* named = std::getenv("FABRIC_TOKEN");
  return std::string{named != nullptr ? named : ""};
}

/// The flags of the dashboard, into `to`.
result<void> check_dashboard(const flags& from, start_options& to) {
  const bool named =
      !from.dashboard_host.empty() || !from.dashboard_port.empty() || !from.dashboard_names.empty();
  if (!from.head && (named || from.no_dashboard))
    return wrong("a dashboard is for a head: its flags do not go with --address");
  if (named && from.no_dashboard)
    return wrong("--no-dashboard does not go with other flags of the dashboard");
  if (!from.dashboard_port.empty()) {
    auto port = whole_number(from.dashboard_port, "--dashboard-port", 65535);
    if (!port) return std::move(port).error();
    to.dashboard_port = static_cast<std::uint16_t>(*port);
  }
  for (const auto& name : from.dashboard_names)
    if (dashboard::name_in_host(name).value_or("").size() != name.size())
      return wrong("--dashboard-names: '" + name + "' is no host name");
  to.has_dashboard = !from.no_dashboard;
  to.dashboard_host = from.dashboard_host;
  to.dashboard_names = from.dashboard_names;
  return {};
}

result<start_options> check(const flags& from) {
  if (from.head == !from.address.empty()) return wrong("say either --head or --address HOST:PORT");
  start_options made{.head = from.head,
                     .address = from.address,
                     .host = from.host,
                     .name = from.name,
                     .store = from.store,
                     .foreground = from.block,
                     .as_json = from.as_json};
  if (from.head && !(from.token.empty() && from.token_file.empty()))
    return wrong("a head takes no token: it makes one");
  if (!from.head && !from.store.empty()) return wrong("--store is for a head");
  if (!from.head && !from.port.empty())
    return wrong("--port is for a head: a worker only dials out");
  if (!from.head)
    if (auto fine = check_address(from.address); !fine) return std::move(fine).error();
  auto token = token_of(from);
  if (!token) return std::move(token).error();
  made.token = from.head ? "" : std::move(*token);
  if (!from.port.empty()) {
    auto port = whole_number(from.port, "--port", 65535);
    if (!port) return std::move(port).error();
    made.port = static_cast<std::uint16_t>(*port);
  }
  auto said = overrides_of(from);
  if (!said) return std::move(said).error();
  made.resources = std::move(*said);
  auto lease = parse_duration(from.lease, "--lease");
  if (!lease) return std::move(lease).error();
  if (*lease < std::chrono::seconds{2} || *lease > std::chrono::hours{24})
    return wrong("--lease " + from.lease + " is not between 2s and 24h");
  made.lease = *lease;
  if (from.durability != "full" && from.durability != "process")
    return wrong("--durability is full or process, not '" + from.durability + "'");
  made.durable_to_disk = from.durability == "full";
  auto placement = scheduler::policy_named(from.placement);
  if (!placement)
    return wrong("--placement is pack, spread or tightest, not '" + from.placement + "'");
  made.placement = *placement;
  if (!from.worker.empty()) made.worker_command = {"/bin/sh", "-c", "exec " + from.worker};
  if (made.store.starts_with("sqlite:///")) made.store = made.store.substr(10);
  if (made.store.find("://") != std::string::npos)
    return fault{fault_code::unsupported, "the store '" + made.store + "' is no SQLite file",
                 "use sqlite:///PATH"};
  if (made.store.empty() && !from.store.empty()) return wrong("--store names no file");
  if (!made.store.empty())
    made.store = std::filesystem::absolute(made.store).lexically_normal().string();
  if (auto fine = check_dashboard(from, made); !fine) return std::move(fine).error();
  made.named_state_dir = !from.state_dir.empty();
  auto state_dir = state_dir_for(from.state_dir, from.name, from.head ? "head" : "node");
  if (!state_dir) return std::move(state_dir).error();
  made.state_dir = std::move(*state_dir);
  return made;
}

}  // namespace

runner add_start(CLI::App& app) {
  auto* command = app.add_subcommand("start", "start a head, or a node that joins one");
  auto to = std::make_shared<flags>();
  command->add_flag("--head", to->head, "start a head that is also a node");
  command->add_option("--address", to->address, "HOST:PORT of the head to join");
  command->add_option("--token", to->token, "the join token that the head printed");
  command->add_option("--token-file", to->token_file, "a file that holds the token");
  command->add_option("--port", to->port,
                      "the head's one listening port (default 6333; 0 picks one)");
  command->add_option("--node-ip-address", to->host,
                      "this machine's address: a head listens on it (default 127.0.0.1)");
  command->add_option("--num-cpus", to->num_cpus, "CPUs to offer (default: as detected)");
  command->add_option("--num-gpus", to->num_gpus, "GPUs to offer (default: as detected)");
  command->add_option("--memory", to->memory, "memory to offer, as in 8GiB");
  command->add_option("--resources", to->resources, "custom resources, as in a=1,b=2.5");
  command->add_option("--labels", to->labels, "labels, as in zone=home,disk=fast");
  command->add_option("--store", to->store, "the head's store, as in sqlite:///PATH");
  command->add_option("--name", to->name, "this node's name (default: the host's)")
      ->check(instance_name_rule);
  command->add_option("--state-dir", to->state_dir, "folder of this instance");
  command->add_option("--lease", to->lease, "task lease, 2s to 24h (default 60s)");
  command->add_option("--durability", to->durability,
                      "full: survives power loss; process: only the head's own death");
  command->add_option("--placement", to->placement, "pack, spread or tightest");
  command->add_option("--worker", to->worker,
                      "a command that serves functions here, in place of the programs' own");
  command->add_option("--dashboard-host", to->dashboard_host,
                      "the address that the head's web dashboard listens on (default 127.0.0.1)");
  command->add_option("--dashboard-port", to->dashboard_port,
                      "its port (default 8265, or a free one where that is taken; 0 picks one)");
  command
      ->add_option("--dashboard-names", to->dashboard_names,
                   "further host names that browsers may call it by, as in a.org,b.org")
      ->delimiter(',');
  command->add_flag("--no-dashboard", to->no_dashboard, "a head without a dashboard");
  command->add_flag("--block", to->block, "stay in the foreground");
  add_json_flag(*command, to->as_json);
  return [to] {
    auto options = check(*to);
    if (!options) return complain(options.error());
    return options->head ? start_head(*options) : start_worker(*options);
  };
}

}  // namespace fabric::daemon
