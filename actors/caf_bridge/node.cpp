#include "actors/caf_bridge/bridge.hpp"
#include "actors/daemon/credentials.hpp"
#include "fabric/caf.hpp"

namespace fabric {

namespace {

error_kind kind_of(fault_code code) {
  switch (code) {
    case fault_code::key_conflict: return error_kind::key_conflict;
    case fault_code::usage:
    case fault_code::too_large: return error_kind::usage;
    default: return error_kind::unsupported;
  }
}

/// An error begins with the code of its kind: it is not said twice.
[[noreturn]] void throw_fault(const fault& why) {
  const auto kind = kind_of(why.code);
  std::string what = to_line(why);
  if (code_of(kind) == why.code) what.erase(0, what.find(": ") + 2);
  throw usage_error({.kind = kind, .what = std::move(what)});
}

}  // namespace

caf_node::caf_node(caf::actor_system& system, caf_node_options how) : system_(system) {
  const auto file = daemon::find_cluster_file(how.cluster);
  if (!file) throw_fault(file.error());
  if (file->empty())
    throw_fault({fault_code::config, "no cluster is named and none runs here",
                 "set FABRIC_CLUSTER to the file that `fabricd start --head` wrote"});
  const auto cluster = daemon::load_cluster(*file);
  if (!cluster) throw_fault(cluster.error());
  auto made = std::make_shared<actors::caf_bridge>(system, std::move(how));
  auto opened = made->open({"tcp://" + cluster->address, cluster->server_public_key,
                            cluster->client, cluster->cluster, false});
  if (!opened) throw_fault(opened.error());
  bridge_ = std::move(made);
}

caf_node::~caf_node() { close(); }

void caf_node::close() { bridge_->close(); }

void caf_node::publish_actor(caf::strong_actor_ptr actor, const interface& takes,
                             const std::string& name, const caf_publish_options& how) {
  if (auto done = bridge_->publish(std::move(actor), takes, {how.name_space, name}); !done)
    throw_fault(done.error());
}

void caf_node::unpublish(const std::string& name, const caf_publish_options& how) {
  bridge_->unpublish({how.name_space, name});
}

caf::expected<caf::strong_actor_ptr> caf_node::lookup_actor(const interface& wanted,
                                                            const std::string& name,
                                                            duration timeout,
                                                            const caf_publish_options& how) {
  return bridge_->lookup(wanted, {how.name_space, name}, timeout);
}

}  // namespace fabric
