#include <unistd.h>

#include <cstdio>
#include <memory>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/state_dir.hpp"

/// key list, key new, key revoke: who may talk to the head.
namespace fabric::daemon {

namespace {

struct new_flags : client_flags {
  std::string name;
  std::string role = "client";
  std::string file;
};

struct revoke_flags : client_flags {
  std::string key;
};

int list(const client_flags& from) {
  auto session = connect(from);
  if (!session) return complain(session.error());
  auto answer = session->ask("key list", json::object());
  if (!answer) return complain(answer.error());
  if (from.as_json) {
    print(*answer);
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"ID", "ROLE", "NAME", "SINCE", "SESSIONS"}};
  for (const auto& key : (*answer)["keys"])
    rows.push_back({key.value("id", ""), key.value("role", ""), key.value("name", ""),
                    key["since"].is_string() ? key.value("since", "") : "-",
                    key.value("revoked", false) ? "revoked" : key["sessions"].dump()});
  std::fputs(table(rows).c_str(), stdout);
  return 0;
}

/// The secret half is made here and goes nowhere but into the file.
int make(const new_flags& from) {
  if (access(from.file.c_str(), F_OK) == 0)
    return complain({fault_code::usage, from.file + " is there already",
                     "choose another file: the key in it may be in use"});
  auto session = connect(from);
  if (!session) return complain(session.error());
  auto made = session->cluster;
  made.client = transport::make_key_pair();
  if (auto kept = save(from.file, made); !kept) return complain(kept.error());
  auto answer = session->ask("key new", {{"name", from.name},
                                         {"role", from.role},
                                         {"key", transport::to_hex(made.client.public_key)}});
  if (!answer) {
    unlink(from.file.c_str());
    return complain(answer.error());
  }
  if (from.as_json)
    print({{"id", answer->value("id", "")},
           {"name", from.name},
           {"role", from.role},
           {"cluster_file", from.file}});
  else
    std::printf("%s: key %s of %s; use it with FABRIC_CLUSTER=%s\n", from.role.c_str(),
                answer->value("id", "").c_str(), printable(from.name).c_str(), from.file.c_str());
  return 0;
}

int revoke(const revoke_flags& from) {
  auto session = connect(from);
  if (!session) return complain(session.error());
  auto answer = session->ask("key revoke", {{"key", from.key}});
  if (!answer) return complain(answer.error());
  const auto name = answer->value("name", "");
  // What the head makes anew only when it starts.
  const std::string next =
      name == "token" || name == "cluster.json" ? "; the next start of the head makes another" : "";
  if (from.as_json)
    print(*answer);
  else
    std::printf("%s (%s): revoked%s\n", answer->value("id", "").c_str(), printable(name).c_str(),
                next.c_str());
  return 0;
}

}  // namespace

runner add_key(CLI::App& app) {
  auto* command = app.add_subcommand("key", "list, make and revoke the keys that the head admits");
  command->require_subcommand(1);
  auto* listing = command->add_subcommand("list", "who may talk to the head, in which role");
  auto shown = std::make_shared<client_flags>();
  add_client_flags(*listing, *shown);

  auto* making = command->add_subcommand("new", "a cluster file for another person or program");
  auto fresh = std::make_shared<new_flags>();
  making->add_option("name", fresh->name, "whose it is")->required();
  making
      ->add_option("--role", fresh->role,
                   "client: may do all that you may; observer: may only look")
      ->check(CLI::IsMember({"client", "observer"}))
      ->capture_default_str();
  making->add_option("-o,--output", fresh->file, "the cluster file to write")->required();
  add_client_flags(*making, *fresh);

  auto* ending = command->add_subcommand("revoke", "end a key's sessions now, and keep it out");
  auto gone = std::make_shared<revoke_flags>();
  ending->add_option("key", gone->key, "its id, or its name")->required();
  add_client_flags(*ending, *gone);

  return [listing, making, shown, fresh, gone] {
    if (listing->parsed()) return list(*shown);
    if (making->parsed()) return make(*fresh);
    return revoke(*gone);
  };
}

}  // namespace fabric::daemon
