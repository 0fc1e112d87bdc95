#include <spdlog/spdlog.h>
#include <unistd.h>

#include <optional>

#include "actors/daemon/background.hpp"
#include "actors/daemon/boot.hpp"
#include "actors/daemon/credentials.hpp"
#include "actors/daemon/greeting.hpp"
#include "actors/daemon/join.hpp"
#include "actors/daemon/object_janitor.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/state_dir.hpp"
#include "actors/daemon/task_cgroup.hpp"
#include "actors/objects/settings.hpp"
#include "actors/worker.hpp"

namespace fabric::daemon {

namespace {

constexpr auto first_contact_patience = std::chrono::seconds{2};

/// The membership of this state directory: as it was, or a new one by the token.
result<node_credentials> membership(const start_options& how, actors::runtime& process) {
  auto known = load_node(how.state_dir);
  if (!known && known.error().code != fault_code::not_found) return known;
  std::optional<transport::join_token> token;
  if (!how.token.empty()) {
    auto parsed = transport::parse_token(how.token);
    if (!parsed) return std::move(parsed).error();
    token = std::move(*parsed);
  }
  if (known && (!token || token->server_public_key == known->server_public_key)) {
    known->address = how.address;
    return known;
  }
  if (!token)
    return fault{fault_code::auth_failed, "this machine has not joined a cluster yet",
                 "give --token; `fabricd start --head` printed the whole line"};
  node_credentials fresh{.node = transport::make_key_pair(),
                         .server_public_key = token->server_public_key,
                         .address = how.address,
                         .cluster = token->cluster};
  if (known) fresh.node = known->node;
  auto joined = join(process, *token, fresh, how.name);
  if (!joined) return std::move(joined).error();
  if (auto kept = save(how.state_dir, fresh); !kept) return std::move(kept).error();
  return fresh;
}

/// What `start --address` prints.
std::string joined_text(const start_options& how, const node_credentials& member,
                        const actors::node_settings& node) {
  if (how.as_json)
    return document_text({{"address", how.address},
                          {"cluster", member.cluster},
                          {"node", node.facts.name},
                          {"state_dir", how.state_dir},
                          {"pid", getpid()}});
  return "node " + node.facts.name + " joined the head at " + how.address + " with " +
         to_string(node.has.amounts) + "\n";
}

/// Of an address without an answer, whether it is one at all.
fault looked_into(fault why, const std::string& address) {
  if (why.code != fault_code::unreachable) return why;
  if (const auto unresolved = why_unresolved(address); !unresolved.empty())
    return {fault_code::unreachable, address + " " + unresolved,
            "check its spelling, or use the address in numbers"};
  return why;
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
  log_as("node", how);
  auto process = actors::runtime::start(2);
  if (!process) return fail(process.error());
  auto member = membership(how, **process);
  if (!member) return fail(looked_into(member.error(), how.address));
  auto boot = survey(how, transport::id_of_key(member->node.public_key));
  if (!boot) return fail(boot.error());
  for (const auto& note : boot->notes) spdlog::info("resources: {}", note);

  const object_janitor janitor(objects::options_of(*objects));
  int exit_status = 0;
  auto& node = boot->settings;
  node.head = {"tcp://" + how.address, member->server_public_key, member->node, member->cluster};
  node.epoch_seen = member->epoch_seen;
  node.saw_epoch = [member = *member, dir = how.state_dir](std::uint64_t epoch) mutable {
    if (epoch <= member.epoch_seen) return;
    member.epoch_seen = epoch;
    if (auto kept = save(dir, member); !kept) spdlog::warn("{}", to_line(kept.error()));
  };
  node.broken = ending_daemon(exit_status);
  auto first = make_contact();
  node.first_contact = std::move(first.tell);
  auto worker = actors::worker::start(**process, node,
                                      std::make_shared<spawner::link>(std::move(*processes)));
  if (first.outcome.wait_for(first_contact_patience) != std::future_status::ready)
    return fail({fault_code::unreachable, "the head at " + how.address + " did not answer in time",
                 "is it running? `fabricd doctor --address " + how.address + "` looks closer"});
  if (auto joined = first.outcome.get(); !joined)
    return fail(looked_into(joined.error(), how.address));
  ready.serving({joined_text(how, *member, node), {}});

  const auto how_to_end = wait_for_stop();
  spdlog::info("stopping");
  if (exit_status == 0 && how_to_end == stop_kind::drain) drain(*worker);
  worker.reset();
  return exit_status;
}

}  // namespace

int start_worker(const start_options& how) {
  if (auto made = prepare_state_dir(how.state_dir); !made) return complain(made.error());
  const auto run = [&how](readiness& ready) { return serve(how, ready); };
  if (how.foreground) return run_in_foreground(run);
  return run_in_background(how.state_dir + "/daemon.log", run);
}

}  // namespace fabric::daemon
