#include <cstdio>
#include <map>
#include <memory>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"

namespace fabric::daemon {

namespace {

struct flags : client_flags {
  std::string what;
  std::string state;
  std::string job;
  int limit = 100;
};

std::string cell(const json& row, const char* field) {
  auto found = row.find(field);
  if (found == row.end() || found->is_null()) return "-";
  if (found->is_string()) return found->get<std::string>();
  return found->dump();
}

std::vector<const char*> columns_of(const std::string& what) {
  if (what == "nodes") return {"name", "id", "state", "running"};
  if (what == "jobs")
    return {"id",        "state",  "tasks",     "waiting", "running",
            "succeeded", "failed", "cancelled", "name",    "study"};
  if (what == "tasks") return {"id", "state", "attempts", "exit_code", "node", "detail"};
  return {"name", "running", "waiting", "finished"};
}

std::string heading(const char* field) {
  std::string text{field};
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// The words that --state knows, by kind.
result<void> check_state(const flags& from) {
  static const std::map<std::string, std::vector<std::string>> words = {
      {"nodes", {"active", "disconnected", "draining", "drained", "recovering", "lost"}},
      {"jobs", {"queued", "running", "succeeded", "failed", "cancelled"}},
      {"tasks",
       {"blocked", "queued", "backing_off", "granted", "running", "succeeded", "failed",
        "cancelled", "poisoned", "expired"}}};
  if (from.state.empty()) return {};
  auto known = words.find(from.what);
  if (known == words.end()) return fault{fault_code::usage, "studies have no --state", ""};
  std::string list;
  for (const auto& word : known->second) {
    if (word == from.state) return {};
    list += (list.empty() ? "" : ", ") + word;
  }
  return fault{fault_code::usage, "--state '" + from.state + "' is none of " + list,
               "name one of these"};
}

result<void> check_job(const flags& from) {
  if (from.job.empty()) return {};
  if (from.what != "tasks")
    return fault{fault_code::usage, "--job is for tasks, not for " + from.what,
                 "see `fabricd list --help`"};
  const auto id = parse_job_or_task(from.job);
  if (id && !id->index) return {};
  return fault{fault_code::usage, "--job '" + from.job + "' is no job",
               "name it by its number, as in --job 17"};
}

int list(const flags& from) {
  if (auto fine = check_state(from); !fine) return complain(fine.error());
  if (auto fine = check_job(from); !fine) return complain(fine.error());
  auto session = connect(from);
  if (!session) return complain(session.error());
  auto answer = session->ask(
      "list",
      {{"what", from.what}, {"state", from.state}, {"job", from.job}, {"limit", from.limit}});
  if (!answer) return complain(answer.error());
  if (from.as_json) {
    print(*answer);
    return 0;
  }
  const auto columns = columns_of(from.what);
  std::vector<std::vector<std::string>> rows(1);
  for (const auto* column : columns) rows.front().push_back(heading(column));
  for (const auto& row : (*answer)[from.what]) {
    rows.emplace_back();
    for (const auto* column : columns) rows.back().push_back(cell(row, column));
  }
  std::fputs(table(rows).c_str(), stdout);
  if (rows.size() > static_cast<std::size_t>(from.limit))
    std::fprintf(stderr, "fabricd: only the newest %d are shown; see --limit\n", from.limit);
  return 0;
}

int show_document(const client_flags& from, const std::string& topic, const std::string& id,
                  void (*show)(const json&)) {
  auto session = connect(from);
  if (!session) return complain(session.error());
  auto answer = session->ask(topic, {{"id", id}});
  if (!answer) return complain(answer.error());
  if (from.as_json)
    print(*answer);
  else
    show(*answer);
  return 0;
}

void show_fields(const json& document) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : document.items()) {
    if (value.is_null() || value == "" || (value.is_array() && value.empty())) continue;
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (name == "command") {
      text.clear();
      for (const auto& word : value) text += (text.empty() ? "" : " ") + word.get<std::string>();
    }
    rows.push_back({name, text});
  }
  std::fputs(table(rows).c_str(), stdout);
}

void show_explanation(const json& why) {
  std::printf("%s: %s\n", why["id"].get<std::string>().c_str(),
              printable(why["summary"].get<std::string>()).c_str());
  std::vector<std::vector<std::string>> rows;
  for (const auto& line : why["nodes"])
    rows.push_back({"  " + line["name"].get<std::string>(), line["reason"].get<std::string>()});
  std::fputs(table(rows).c_str(), stdout);
}

}  // namespace

runner add_list(CLI::App& app) {
  auto* command = app.add_subcommand("list", "list nodes, jobs, tasks or studies");
  auto to = std::make_shared<flags>();
  command->add_option("what", to->what, "nodes, jobs, tasks or studies")
      ->required()
      ->check(CLI::IsMember({"nodes", "jobs", "tasks", "studies"}));
  command->add_option("--state", to->state, "only those in this state");
  command->add_option("--job", to->job, "tasks: only those of this job");
  command->add_option("--limit", to->limit, "at most this many (default 100)")
      ->check(CLI::Range(1, 100'000));
  add_client_flags(*command, *to);
  return [to] { return list(*to); };
}

runner add_get(CLI::App& app) {
  auto* command = app.add_subcommand("get", "everything known of a job or task");
  auto to = std::make_shared<client_flags>();
  auto id = std::make_shared<std::string>();
  command->add_option("id", *id, "a job (17) or a task (17.3)")->required();
  add_client_flags(*command, *to);
  return [to, id] { return show_document(*to, "get", *id, show_fields); };
}

runner add_explain(CLI::App& app) {
  auto* command = app.add_subcommand("explain", "why pending work does not run, node by node");
  auto to = std::make_shared<client_flags>();
  auto id = std::make_shared<std::string>();
  command->add_option("id", *id, "a job (17) or a task (17.3)")->required();
  add_client_flags(*command, *to);
  return [to, id] { return show_document(*to, "explain", *id, show_explanation); };
}

}  // namespace fabric::daemon
