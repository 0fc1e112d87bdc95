#include "actors/daemon/client_session.hpp"

#include "actors/daemon/command.hpp"

namespace fabric::daemon {

void add_client_flags(CLI::App& command, client_flags& to) {
  command.add_option(
      "--cluster", to.cluster,
      "cluster.json of the head (else $FABRIC_CLUSTER, else the one on this machine)");
  add_json_flag(command, to.as_json);
}

result<client_session> connect(const client_flags& flags, duration patience) {
  const auto path = find_cluster_file(flags.cluster);
  if (!path) return path.error();
  if (path->empty())
    return fault{fault_code::unreachable, "no cluster is known on this machine",
                 "start one with `fabricd start --head`, or name its cluster.json with --cluster"};
  auto cluster = load_cluster(*path);
  if (!cluster) return std::move(cluster).error();
  auto process = actors::runtime::start(1);
  if (!process) return std::move(process).error();
  client_session made{.cluster = std::move(*cluster), .process = std::move(*process)};
  made.head = std::make_unique<actors::head_connection>(
      *made.process,
      actors::head_address{"tcp://" + made.cluster.address, made.cluster.server_public_key,
                           made.cluster.client, made.cluster.cluster},
      patience);
  return made;
}

result<json> client_session::ask(const std::string& topic, const json& arguments) {
  // What people type need not be UTF-8; as a name it is then not found.
  auto text = head->ask(topic, arguments.dump(-1, ' ', false, json::error_handler_t::replace));
  if (!text) return std::move(text).error();
  auto body = json::parse(*text, nullptr, false);
  if (body.is_discarded())
    return fault{fault_code::bad_message, "the head's answer to '" + topic + "' is no JSON", ""};
  return body;
}

}  // namespace fabric::daemon
