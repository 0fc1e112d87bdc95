#include <charconv>
#include <cstdio>
#include <memory>

#include "actors/daemon/command.hpp"
#include "actors/daemon/doctor.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/state_dir.hpp"

namespace fabric::daemon {

namespace {

struct flags {
  std::string address;
  std::string token;
  std::string state_dir;
  std::string host;
  int port = 6333;
  bool as_json = false;
};

std::string_view name_of(finding::level level) {
  switch (level) {
    case finding::level::fine: return "ok";
    case finding::level::note: return "note";
    case finding::level::problem: return "PROBLEM";
  }
  return "";
}

int doctor(const flags& from) {
  std::string state_dir;
  if (!from.state_dir.empty()) {
    auto named = state_dir_for(from.state_dir, "", "");
    if (!named) return complain(named.error());
    state_dir = std::move(*named);
  }
  const auto findings = examine({.address = from.address,
                                 .token = from.token,
                                 .state_dir = state_dir,
                                 .host = from.host,
                                 .port = static_cast<std::uint16_t>(from.port)});
  bool healthy = true;
  json all = json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : findings) {
    healthy = healthy && one.is != finding::level::problem;
    all.push_back({{"level", name_of(one.is)},
                   {"what", one.what},
                   {"detail", one.detail},
                   {"remedy", one.remedy}});
    rows.push_back({std::string{name_of(one.is)}, one.what,
                    one.detail + (one.remedy.empty() ? "" : "; " + one.remedy)});
  }
  if (from.as_json)
    print({{"healthy", healthy}, {"findings", std::move(all)}});
  else
    std::fputs(table(rows).c_str(), stdout);
  return healthy ? 0 : exit_status_of(fault_code::config);
}

}  // namespace

runner add_doctor(CLI::App& app) {
  auto* command = app.add_subcommand("doctor", "what is wrong here, and what to do about it");
  auto to = std::make_shared<flags>();
  command->add_option("--address", to->address, "HOST:PORT of a head to reach");
  command->add_option("--token", to->token, "a join token to try at that head");
  command->add_option("--state-dir", to->state_dir, "folder of an instance to look at");
  command->add_option("--node-ip-address", to->host, "an address this machine is to have");
  command->add_option("--port", to->port, "the port a head is to have (default 6333)")
      ->check(CLI::Range(1, 65535));
  add_json_flag(*command, to->as_json);
  return [to] { return doctor(*to); };
}

}  // namespace fabric::daemon
