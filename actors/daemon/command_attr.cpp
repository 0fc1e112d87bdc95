#include <cstdio>

#include "actors/daemon/command.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/storage_choice.hpp"
#include "actors/daemon/study_commands.hpp"
#include "actors/daemon/trial_json.hpp"
#include "scheduler/tuner/json_text.hpp"

/// What users note on studies and trials.
namespace fabric::daemon {

namespace {

using mode = store::study_store::mode;

struct flags {
  std::string name;
  std::string storage;
  std::string key;
  std::string value;
  std::optional<tuner::trial_number> trial;
  bool as_json = false;
};

json trial_of(const flags& from) { return from.trial ? json(*from.trial) : json(nullptr); }

/// What is JSON counts as such, all else as text.
std::string json_of(const std::string& value) {
  if (json::accept(value)) return value;
  return json(value).dump(-1, ' ', true, json::error_handler_t::replace);
}

int set(const flags& from) {
  if (!tuner::is_utf8(from.value))
    return complain({fault_code::usage,
                     "the value " + tuner::shown(from.value) + " of attribute " +
                         tuner::shown(from.key) + " is not UTF-8",
                     "give text or JSON"});
  auto file = open_storage(from.storage, mode::read_write);
  if (!file) return complain(file.error());
  const auto value = json_of(from.value);
  if (auto done = file->set_attribute(from.name, from.trial, from.key, value); !done)
    return complain(done.error());
  if (from.as_json)
    print({{"study", from.name},
           {"trial", trial_of(from)},
           {"key", from.key},
           {"value", json::parse(value)}});
  return 0;
}

int list(const flags& from) {
  auto file = open_storage(from.storage, mode::read_only);
  if (!file) return complain(file.error());
  auto found = file->attributes(from.name, from.trial);
  if (!found) return complain(found.error());
  if (from.as_json) {
    print(
        {{"study", from.name}, {"trial", trial_of(from)}, {"user_attrs", attributes_json(*found)}});
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"KEY", "VALUE"}};
  const auto all = attributes_json(*found);
  for (const auto& [key, value] : all.items())
    rows.push_back({key, value.dump(-1, ' ', false, json::error_handler_t::replace)});
  std::fputs(table(rows).c_str(), stdout);
  return 0;
}

}  // namespace

void add_study_attributes(CLI::App& study, const chosen_run& chosen) {
  auto to = std::make_shared<flags>();
  auto* group = study.add_subcommand("attr", "note something on a study or on a trial");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, int (*run)(const flags&)) {
    auto* one = group->add_subcommand(name, what);
    one->add_option("name", to->name, "the study")->required();
    add_storage_option(*one, to->storage);
    one->add_option("--trial", to->trial, "of the trial with this number, not of the study");
    add_json_flag(*one, to->as_json);
    one->callback([chosen, run, to] { *chosen = [run, to] { return run(*to); }; });
    return one;
  };
  auto* setting = add("set", "add an attribute, or replace it", set);
  setting->add_option("key", to->key, "its name")->required();
  setting->add_option("value", to->value, "JSON; what is none is taken as text")->required();
  add("list", "all attributes with their values, as JSON", list);
}

}  // namespace fabric::daemon
