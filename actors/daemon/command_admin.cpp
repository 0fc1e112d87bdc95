#include <cstdio>
#include <memory>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/duration_text.hpp"
#include "transport/handshake.hpp"

/// cancel, drain, node forget and version.
namespace fabric::daemon {

namespace {

void show_note(const std::string& about, const json& answer) {
  std::printf("%s: %s\n", about.c_str(), printable(answer.value("note", "done")).c_str());
}

/// Asks for something to be done to a node and shows the note of the answer.
int order(client_session& session, bool as_json, const std::string& topic, const json& arguments,
          const std::string& node) {
  auto answer = session.ask(topic, arguments);
  if (!answer) return complain(answer.error());
  if (as_json)
    print({{"node", node}, {"note", answer->value("note", "done")}});
  else
    show_note(node, *answer);
  return 0;
}

/// One after the other; one that fails does not keep the others from being cancelled.
int cancel(const client_flags& from, const std::vector<std::string>& ids) {
  auto session = connect(from);
  if (!session) return complain(session.error());
  int status = 0;
  json all = json::array();
  for (const auto& id : ids) {
    auto answer = session->ask("cancel", {{"id", id}});
    if (!answer) {
      status = remark(answer.error());
      all.push_back({{"id", id}, {"error", to_json(answer.error())}});
    } else {
      all.push_back({{"id", id}, {"note", answer->value("note", "done")}});
      if (!from.as_json) show_note(id, *answer);
    }
  }
  if (from.as_json) print({{"cancelled", std::move(all)}});
  return status;
}

struct drain_flags : client_flags {
  std::string node;
  std::string deadline = "30s";
};

struct forget_flags : client_flags {
  std::string node;
  bool sure = false;
};

}  // namespace

runner add_cancel(CLI::App& app) {
  auto* command = app.add_subcommand("cancel", "cancel jobs or tasks");
  auto to = std::make_shared<client_flags>();
  auto ids = std::make_shared<std::vector<std::string>>();
  command->add_option("id", *ids, "jobs (17) or tasks (17.3)")->required();
  add_client_flags(*command, *to);
  return [to, ids] { return cancel(*to, *ids); };
}

runner add_drain(CLI::App& app) {
  auto* command = app.add_subcommand("drain", "give a node no new work, and hand back the rest");
  auto to = std::make_shared<drain_flags>();
  command->add_option("node", to->node, "name or id of the node")->required();
  command->add_option("--deadline", to->deadline,
                      "what still runs then is handed back (default 30s)");
  add_client_flags(*command, *to);
  return [to] {
    auto deadline = parse_duration(to->deadline, "--deadline");
    if (!deadline) return complain(deadline.error());
    auto session = connect(*to);
    if (!session) return complain(session.error());
    return order(*session, to->as_json, "drain",
                 {{"node", to->node}, {"deadline_ms", deadline->count() / 1000}}, to->node);
  };
}

runner add_node(CLI::App& app) {
  auto* command = app.add_subcommand("node", "forget a node that is dead for certain");
  command->require_subcommand(1);
  auto* forget = command->add_subcommand("forget", "run its tasks elsewhere at once");
  auto to = std::make_shared<forget_flags>();
  forget->add_option("node", to->node, "name or id of the node")->required();
  forget->add_flag("--i-know-it-is-dead", to->sure,
                   "a node that lives on would run its tasks a second time");
  add_client_flags(*forget, *to);
  return [to] {
    if (!to->sure)
      return complain({fault_code::usage,
                       "forgetting a node that still runs would run its tasks twice at once",
                       "switch the machine off, then add --i-know-it-is-dead"});
    auto session = connect(*to);
    if (!session) return complain(session.error());
    return order(*session, to->as_json, "forget", {{"node", to->node}}, to->node);
  };
}

runner add_version(CLI::App& app) {
  auto* command = app.add_subcommand("version", "version and protocol of this program");
  auto as_json = std::make_shared<bool>(false);
  add_json_flag(*command, *as_json);
  return [as_json] {
    const auto build = transport::this_build();
    const auto spell = [](std::uint32_t v) {
      return std::to_string(v >> 16) + "." + std::to_string(v & 0xFFFF);
    };
    if (*as_json)
      print({{"version", build.software},
             {"protocol",
              {{"lowest", spell(build.speaks.lowest)}, {"highest", spell(build.speaks.highest)}}},
             {"features", build.features}});
    else
      std::printf("fabricd %s (protocol %s to %s)\n", build.software.c_str(),
                  spell(build.speaks.lowest).c_str(), spell(build.speaks.highest).c_str());
    return 0;
  };
}

}  // namespace fabric::daemon
