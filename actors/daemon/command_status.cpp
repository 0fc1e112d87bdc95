#include <cstdio>
#include <memory>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/duration_text.hpp"

namespace fabric::daemon {

namespace {

std::string used_of(const json& node, const std::string& resource) {
  const auto& all = node["resources"];
  return amount_text(resource, all["used"].value(resource, json(0))) + "/" +
         amount_text(resource, all["total"].value(resource, json(0)));
}

/// What a node has beyond cpu, gpu and memory, and its labels.
std::string rest_of(const json& node) {
  std::string text;
  for (const auto& [name, amount] : node["resources"]["total"].items())
    if (name != "cpu" && name != "gpu" && name != "memory")
      text += (text.empty() ? "" : " ") + name + "=" + used_of(node, name);
  for (const auto& [key, value] : node["labels"].items())
    text += (text.empty() ? "" : " ") + key + "=" + value.get<std::string>();
  return text;
}

void show(const json& status) {
  const auto& head = status["head"];
  const auto durability = head.value("durability", "full");
  std::printf("fabric %s at %s, cluster %s, epoch %llu, lease %s%s\n",
              head["version"].get<std::string>().c_str(),
              head["address"].get<std::string>().c_str(),
              head["cluster"].get<std::string>().c_str(),
              static_cast<unsigned long long>(head["epoch"].get<std::uint64_t>()),
              to_text(std::chrono::milliseconds{head["lease_ms"].get<std::int64_t>()}).c_str(),
              durability == "full" ? "" : (", durability " + printable(durability)).c_str());
  const auto dashboard = head.value("dashboard", "");
  std::printf("%s\n",
              dashboard.empty() ? "" : ("dashboard " + printable(dashboard) + "\n").c_str());
  std::vector<std::vector<std::string>> rows = {
      {"NODE", "ID", "STATE", "CPU", "GPU", "MEMORY", "RUNNING", "OTHER"}};
  for (const auto& node : status["nodes"])
    rows.push_back({node["name"], node["id"], node["state"], used_of(node, "cpu"),
                    used_of(node, "gpu"), used_of(node, "memory"),
                    std::to_string(node["running"].get<std::size_t>()), rest_of(node)});
  std::fputs(table(rows).c_str(), stdout);
  std::printf("\ntasks: %zu waiting, %zu running\n", status["queue"]["waiting"].get<std::size_t>(),
              status["queue"]["running"].get<std::size_t>());
  for (const auto& study : status["studies"])
    std::printf("study %s: %zu running, %zu waiting\n",
                printable(study["name"].get<std::string>()).c_str(),
                study["running"].get<std::size_t>(), study["waiting"].get<std::size_t>());
  for (const auto& warning : status["warnings"])
    std::printf("warning: %s\n", printable(warning.get<std::string>()).c_str());
}

}  // namespace

runner add_status(CLI::App& app) {
  auto* command = app.add_subcommand("status", "nodes, resources, queue, studies, warnings");
  auto to = std::make_shared<client_flags>();
  add_client_flags(*command, *to);
  return [to] {
    auto session = connect(*to);
    if (!session) return complain(session.error());
    auto status = session->ask("status", json::object());
    if (!status) return complain(status.error());
    if (to->as_json)
      print(*status);
    else
      show(*status);
    return 0;
  };
}

}  // namespace fabric::daemon
