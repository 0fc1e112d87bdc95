#include "tests/caf_bridge/cluster.hpp"

#include <cstdlib>
#include <filesystem>

#include "actors/daemon/credentials.hpp"

namespace fabric::actors {

namespace {

template <class T>
T required(result<T> what) {
  if (!what) throw std::runtime_error(to_line(what.error()));
  return std::move(*what);
}

caf_node_options completed(caf_node_options how, const cluster& of, complaint_book& complaints) {
  how.cluster = of.file();
  how.complain = [&complaints](const std::string& line) { complaints.add(line); };
  return how;
}

}  // namespace

cluster::cluster() {
  std::string folder = std::filesystem::temp_directory_path() / "fabric-caf-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no folder can be made");
  folder_ = folder;
  const auto server = transport::make_key_pair();
  const auto client = transport::make_key_pair();
  process_ = required(runtime::start(1));
  head_ = required(head::start(
      *process_, {.server = server,
                  .admitted = {{client.public_key, transport::role::client, "test", 0, false}},
                  .self_test = false,
                  .give_up = [](const fault&) {}}));
  const std::string address = head_->endpoint().substr(std::string{"tcp://"}.size());
  const auto saved =
      daemon::save(file(), daemon::cluster_file{.address = address,
                                                .server_public_key = server.public_key,
                                                .client = client,
                                                .cluster = head_->cluster(),
                                                .state_dir = folder_,
                                                .dashboard = ""});
  if (!saved) throw std::runtime_error(to_line(saved.error()));
}

cluster::~cluster() {
  head_.reset();
  process_.reset();
  std::filesystem::remove_all(folder_);
}

program_settings::program_settings(knows what) {
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", 2u);
  set("logger.verbosity", caf::atom("quiet"));
  add_message_type<gate>("gate");
  add_message_type<std::vector<int>>("ints");
  if (what == knows::all) add_message_type<riddle>("riddle");
  add_error_category(caf::atom("mishap"),
                     [](std::uint8_t code, caf::atom_value, const caf::message& context) {
                       return (code == 1 ? "spilled " : "broken ") + to_string(context);
                     });
}

void complaint_book::add(const std::string& line) {
  const std::scoped_lock lock(guard_);
  lines_.push_back(line);
}

std::vector<std::string> complaint_book::lines() const {
  const std::scoped_lock lock(guard_);
  return lines_;
}

program::program(const cluster& of, caf_node_options how, knows what)
    : settings(what), node(system, completed(std::move(how), of, complaints)) {}

program::~program() {
  for (const auto& one : spawned)
    caf::anon_send_exit(caf::actor_cast<caf::actor>(one), caf::exit_reason::kill);
}

caf::behavior adder() {
  return {[](int a, int b) { return a + b; }};
}

}  // namespace fabric::actors
