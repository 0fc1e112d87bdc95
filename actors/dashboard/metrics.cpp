#include "actors/dashboard/metrics.hpp"

#include <map>
#include <utility>
#include <vector>

namespace fabric::dashboard {

namespace {

using json = nlohmann::ordered_json;
using labels = std::vector<std::pair<const char*, std::string>>;

std::string escaped(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text;
}

class exposition {
 public:
  void begin(const char* name, const char* type, const char* help) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
  }

  void add(const labels& which, const json& value) {
    std::string pairs;
    for (const auto& [label, text] : which)
      pairs += (pairs.empty() ? "" : ",") + std::string{label} + "=\"" + escaped(text) + "\"";
    text_ += name_ + (pairs.empty() ? "" : "{" + pairs + "}") + " " + value.dump() + "\n";
  }

  void one(const char* name, const char* type, const char* help, const json& value) {
    begin(name, type, help);
    add({}, value);
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

void add_nodes(exposition& out, const json& nodes) {
  std::map<std::string, int> states;
  for (const auto& node : nodes) ++states[node.at("state").get<std::string>()];
  out.begin("fabric_nodes", "gauge", "Nodes by state.");
  for (const auto& [state, count] : states) out.add({{"state", state}}, count);

  const auto each_resource = [&](const char* kind) {
    for (const auto& node : nodes)
      for (const auto& [resource, amount] : node.at("resources").at(kind).items())
        out.add({{"node", node.at("name")}, {"id", node.at("id")}, {"resource", resource}}, amount);
  };
  out.begin("fabric_node_resource_capacity", "gauge",
            "What a node has of a resource; memory in bytes.");
  each_resource("total");
  out.begin("fabric_node_resource_used", "gauge", "What tasks hold of it.");
  each_resource("used");

  out.begin("fabric_node_silence_seconds", "gauge", "Since the node was last heard.");
  for (const auto& node : nodes)
    out.add({{"node", node.at("name")}, {"id", node.at("id")}},
            node.at("last_heard_ms").get<double>() / 1000);
}

}  // namespace

std::string metrics_of(const json& status) {
  exposition out;
  const auto& head = status.at("head");
  const auto& counters = status.at("counters");
  const auto& queue = status.at("queue");
  out.begin("fabric_head_info", "gauge", "The head; always 1.");
  out.add({{"version", head.at("version")}, {"cluster", head.at("cluster")}}, 1);
  out.one("fabric_head_start_time_seconds", "gauge", "Start of the head, since 1970.",
          head.at("started").get<double>() / 1000);
  out.one("fabric_head_epoch", "gauge", "Which start of the head this is.", head.at("epoch"));
  out.one("fabric_warnings", "gauge", "Warnings that `fabricd status` shows.",
          status.at("warnings").size());
  out.one("fabric_tasks_waiting", "gauge", "Tasks that wait.", queue.at("waiting"));
  out.one("fabric_tasks_running", "gauge", "Tasks that nodes hold.", queue.at("running"));
  out.one("fabric_tasks_granted_total", "counter", "Attempts given to nodes since the start.",
          counters.at("granted"));
  out.one("fabric_tasks_finished_total", "counter", "Tasks in a final state since the start.",
          counters.at("finished"));
  out.one("fabric_stale_results_total", "counter", "Results that came too late and were refused.",
          counters.at("stale_results"));
  out.one("fabric_lost_attempts_total", "counter", "Attempts that ended without a result.",
          counters.at("lost_attempts"));
  add_nodes(out, status.at("nodes"));
  return out.take();
}

}  // namespace fabric::dashboard
