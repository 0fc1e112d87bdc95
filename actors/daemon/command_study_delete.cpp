#include <algorithm>
#include <cstdio>
#include <memory>

#include "actors/daemon/command.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/storage_choice.hpp"
#include "actors/daemon/study_commands.hpp"
#include "actors/daemon/study_lock.hpp"
#include "actors/tune/tuner_process.hpp"

namespace fabric::daemon {

namespace {

struct flags {
  std::string name;
  std::string storage;
  bool as_json = false;
  bool sure = false;
  bool by_force = false;
};

constexpr const char* or_force = ", or delete it all the same with --force";

/// Why a study that this one has entered is not to be deleted; nothing where it is gone, or is a
/// server none of whose workers has a trial: these are told that the study is gone.
std::optional<fault> used_by(const store::tuner_mark& who, const store::tuner_mark& self,
                             const std::string& study, std::size_t trials) {
  const bool is_server = who.id.starts_with(store::server_prefix);
  if (who.place == store::asked_place || actors::has_ended(who, self)) return {};
  if (is_server && trials == 0) return {};
  const auto process = "process " + std::to_string(who.pid);
  if (!actors::is_running(who, self))
    return fault{fault_code::store_locked,
                 "the study '" + study + "' was entered by " + process +
                     " of another machine or container, which has not left it",
                 "stop that one" + std::string{or_force} + " where it is gone"};
  if (is_server)
    return fault{fault_code::store_locked,
                 "the study '" + study + "' is served by " + process + ", whose workers evaluate " +
                     counted(trials, "trial") + " of it",
                 "wait for them, or stop it" + std::string{or_force}};
  return fault{fault_code::store_locked, "the study '" + study + "' is being tuned by " + process,
               "wait for it, or stop it" + std::string{or_force}};
}

/// The lock is one of this user's; the file also tells of others.
result<void> check_nobody_uses(store::study_store& file, const std::string& study) {
  auto self = actors::own_mark();
  if (!self) return std::move(self).error();
  auto known = file.tuners(study);
  if (!known) return std::move(known).error();
  auto holders = file.holders(study);
  if (!holders) return std::move(holders).error();
  for (const auto& who : *known) {
    const auto trials = std::ranges::count_if(
        *holders, [&](const auto& each) { return each.second.who.id == who.id; });
    if (auto why = used_by(who, *self, study, static_cast<std::size_t>(trials))) return *why;
  }
  return {};
}

int remove(const flags& from) {
  const auto storage = storage_or_default(from.storage);
  if (!storage) return complain(storage.error());
  auto lock = lock_study(*storage, from.name);
  if (!lock && !(from.by_force && lock.error().code == fault_code::store_locked)) {
    if (lock.error().code == fault_code::store_locked)
      lock.error().hint = "wait for it, or stop it" + std::string{or_force};
    return complain(lock.error());
  }
  auto file = open_storage(from.storage, store::study_store::mode::read_write);
  if (!file) return complain(file.error());
  auto row = file->study(from.name);
  if (!row) return complain(row.error());
  if (!from.by_force)
    if (auto idle = check_nobody_uses(*file, from.name); !idle) return complain(idle.error());
  if (!from.sure)
    return complain(
        {fault_code::usage,
         "deleting '" + from.name + "' removes " + counted(row->trials, "trial") + " for good",
         "add --yes to do it"});
  if (auto gone = file->remove(from.name); !gone) return complain(gone.error());
  if (from.as_json)
    print({{"deleted", from.name}, {"trials", row->trials}});
  else
    std::printf("deleted %s (%s)\n", printable(from.name).c_str(),
                counted(row->trials, "trial").c_str());
  return 0;
}

}  // namespace

void add_study_delete(CLI::App& study, const chosen_run& chosen) {
  auto to = std::make_shared<flags>();
  auto* command = study.add_subcommand("delete", "delete a study");
  command->add_option("name", to->name, "the study")->required();
  add_storage_option(*command, to->storage);
  add_json_flag(*command, to->as_json);
  command->add_flag("--yes", to->sure, "really");
  command->add_flag("--force", to->by_force, "also where somebody works on it");
  command->callback([chosen, to] { *chosen = [to] { return remove(*to); }; });
}

}  // namespace fabric::daemon
