#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "actors/daemon/command.hpp"
#include "actors/daemon/command_ask.hpp"
#include "actors/daemon/command_serve.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/storage_choice.hpp"
#include "actors/daemon/study_lock.hpp"
#include "actors/daemon/trial_json.hpp"
#include "actors/daemon/tune_options.hpp"
#include "actors/store/study_store.hpp"
#include "actors/tune/tuner_process.hpp"

namespace fabric::daemon {

namespace {

using mode = store::study_store::mode;

struct flags {
  std::string name;
  std::string storage;
  std::string state;
  std::string format = "json";
  std::string output;
  bool as_json = false;
  bool sure = false;
};

/// A study of a file with its space and rows.
struct loaded {
  store::study_row row;
  tuner::space over;
  std::vector<tuner::trial> trials;
};

result<loaded> load(const flags& from) {
  auto file = open_storage(from.storage, mode::read_only);
  if (!file) return std::move(file).error();
  auto row = file->study(from.name);
  if (!row) return std::move(row).error();
  if (row->parameters.empty()) {
    auto observed = file->observed_parameters(from.name);
    if (!observed) return std::move(observed).error();
    row->parameters = std::move(*observed);
  }
  loaded made{.row = std::move(*row)};
  if (!made.row.parameters.empty()) {
    auto over = tuner::space::make(made.row.parameters);
    if (!over) return std::move(over).error();
    made.over = std::move(*over);
  }
  auto trials = file->trials(from.name, made.over);
  if (!trials) return std::move(trials).error();
  made.trials = std::move(*trials);
  return made;
}

std::string_view word_for(tuner::direction d) {
  return d == tuner::direction::minimize ? "minimize" : "maximize";
}

const tuner::trial* best_of(const loaded& study) {
  const tuner::trial* best = nullptr;
  for (const auto& row : study.trials) {
    if (row.state != tuner::trial_state::complete || !row.value) continue;
    if (best == nullptr || is_better(row, *best, study.row.towards)) best = &row;
  }
  return best;
}

json row_json(const store::study_row& row) {
  json parameters = json::array();
  for (const auto& parameter : row.parameters) parameters.push_back(to_string(parameter));
  return {{"name", row.name},
          {"direction", word_for(row.towards)},
          {"params", std::move(parameters)},
          {"trials", row.trials},
          {"complete", row.complete},
          {"best_value", row.best ? json(*row.best) : json(nullptr)}};
}

int list(const flags& from) {
  auto file = open_storage(from.storage, mode::read_only);
  if (!file) return complain(file.error());
  auto studies = file->studies();
  if (!studies) return complain(studies.error());
  if (from.as_json) {
    json all = json::array();
    for (const auto& row : *studies) all.push_back(row_json(row));
    print({{"studies", std::move(all)}});
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"NAME", "DIRECTION", "TRIALS", "COMPLETE", "BEST"}};
  for (const auto& row : *studies)
    rows.push_back({row.name, std::string{word_for(row.towards)}, std::to_string(row.trials),
                    std::to_string(row.complete), row.best ? number_text(*row.best) : "-"});
  std::fputs(table(rows).c_str(), stdout);
  return 0;
}

int show(const flags& from) {
  auto study = load(from);
  if (!study) return complain(study.error());
  std::map<std::string, std::uint64_t> states;
  for (const auto& row : study->trials) ++states[std::string{name_of(row.state)}];
  const auto* best = best_of(*study);
  if (from.as_json) {
    auto document = row_json(study->row);
    document["states"] = states;
    document["best"] = best == nullptr ? json(nullptr) : to_json(*best, study->over);
    print(document);
    return 0;
  }
  std::printf("study %s (%s)\n", printable(study->row.name).c_str(),
              std::string{word_for(study->row.towards)}.c_str());
  for (const auto& parameter : study->row.parameters)
    std::printf("  %s\n", printable(to_string(parameter)).c_str());
  if (const auto size = study->over.size(); size && !study->row.parameters.empty())
    std::printf("points: %llu\n", static_cast<unsigned long long>(*size));
  for (const auto& [state, count] : states)
    std::printf("%s: %llu\n", state.c_str(), static_cast<unsigned long long>(count));
  if (best != nullptr)
    std::printf("best: %s (trial %llu) %s\n", number_text(*best->value).c_str(),
                static_cast<unsigned long long>(best->number),
                printable(params_text(*best, study->over)).c_str());
  return 0;
}

int trials(const flags& from) {
  auto study = load(from);
  if (!study) return complain(study.error());
  const auto wanted = [&from](const tuner::trial& row) {
    return from.state.empty() || name_of(row.state) == from.state;
  };
  if (from.as_json) {
    json all = json::array();
    for (const auto& row : study->trials)
      if (wanted(row)) all.push_back(to_json(row, study->over));
    print({{"study", study->row.name}, {"trials", std::move(all)}});
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"NUMBER", "STATE", "VALUE", "NODE", "ATTEMPT", "PARAMS", "NOTE"}};
  for (const auto& row : study->trials) {
    if (!wanted(row)) continue;
    std::string note;
    for (const auto* key : {"error", "duplicate_of"})
      if (auto found = row.user_attrs.find(key); found != row.user_attrs.end())
        note += (note.empty() ? "" : " ") + std::string{key} + "=" + attribute_text(found->second);
    if (!row.reports.empty())
      note += (note.empty() ? "" : " ") + ("step=" + std::to_string(row.reports.back().step));
    rows.push_back({std::to_string(row.number), std::string{name_of(row.state)},
                    row.value ? number_text(*row.value) : "-", row.node,
                    std::to_string(row.attempt), params_text(row, study->over), note});
  }
  std::fputs(table(rows).c_str(), stdout);
  return 0;
}

int best(const flags& from) {
  auto study = load(from);
  if (!study) return complain(study.error());
  const auto* found = best_of(*study);
  if (found == nullptr)
    return complain(
        {fault_code::not_found, "the study '" + from.name + "' has no complete trial", ""});
  if (from.as_json)
    print(to_json(*found, study->over));
  else
    std::printf("%s (trial %llu%s%s)\n%s\n", number_text(*found->value).c_str(),
                static_cast<unsigned long long>(found->number), found->node.empty() ? "" : " on ",
                found->node.c_str(), printable(params_text(*found, study->over)).c_str());
  return 0;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string{"\"\""} : std::string{c};
  return quoted + "\"";
}

std::string as_csv(const loaded& study) {
  std::string text = "number,state,value,node,attempt,datetime_start,datetime_complete";
  for (const auto& parameter : study.row.parameters) text += "," + csv_cell(parameter.name);
  text += "\n";
  const auto time_text = [](const json& time) {
    return time.is_string() ? time.get<std::string>() : "";
  };
  for (const auto& row : study.trials) {
    const auto j = to_json(row, study.over);
    text += std::to_string(row.number) + "," + std::string{name_of(row.state)} + "," +
            (row.value ? number_text(*row.value) : "") + "," + csv_cell(row.node) + "," +
            std::to_string(row.attempt) + "," + time_text(j["datetime_start"]) + "," +
            time_text(j["datetime_complete"]);
    for (std::size_t i = 0; i < study.row.parameters.size(); ++i)
      text += "," + (i < row.where.size() ? csv_cell(study.over.text_of(row.where, i)) : "");
    text += "\n";
  }
  return text;
}

/// Faults: not_found (no such folder), store_full, store_failed, each as the system says it.
result<void> write_export(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    const int why = errno;
    const auto folder = std::filesystem::path(path).parent_path().string();
    if (why == ENOENT)
      return fault{
          fault_code::not_found,
          "cannot write " + path + ": " +
              (folder.empty() ? "no such file" : "the folder " + folder + " does not exist"),
          "make the folder, or name another file"};
    return fault{fault_code::store_failed,
                 "cannot write " + path + ": " + std::generic_category().message(why),
                 "check the path and its permissions"};
  }
  errno = 0;
  const bool wrote = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool flushed = std::fflush(file) == 0;
  int why = errno;
  const bool closed = std::fclose(file) == 0;
  if (wrote && flushed && closed) return {};
  if (wrote && flushed) why = errno;
  const auto code =
      why == ENOSPC || why == EDQUOT ? fault_code::store_full : fault_code::store_failed;
  return fault{code, "cannot write " + path + ": " + std::generic_category().message(why),
               "make room, or name another file"};
}

int export_study(const flags& from) {
  if (from.format != "json" && from.format != "csv")
    return complain({fault_code::usage, "--format is json or csv, not '" + from.format + "'", ""});
  if (from.as_json && from.format == "csv" && from.output.empty())
    return complain({fault_code::usage, "--format csv would print something else than JSON",
                     "leave out --json, or write to a file with --output"});
  auto study = load(from);
  if (!study) return complain(study.error());
  std::string text;
  if (from.format == "csv") {
    text = as_csv(*study);
  } else {
    auto document = row_json(study->row);
    document["trials"] = json::array();
    for (const auto& row : study->trials) document["trials"].push_back(to_json(row, study->over));
    text = document_text(document);
  }
  if (from.output.empty()) {
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  if (auto written = write_export(from.output, text); !written) return complain(written.error());
  if (from.as_json)
    print({{"study", from.name}, {"file", from.output}, {"trials", study->trials.size()}});
  return 0;
}

/// The lock is one of this user's; the file also tells of others.
result<void> check_nobody_tunes(store::study_store& file, const std::string& study) {
  auto self = actors::own_mark();
  if (!self) return std::move(self).error();
  auto known = file.tuners(study);
  if (!known) return std::move(known).error();
  for (const auto& who : *known)
    if (actors::is_running(who, *self))
      return fault{fault_code::store_locked,
                   "the study '" + study + "' is being tuned by process " + std::to_string(who.pid),
                   "wait for it, or stop it"};
  return {};
}

int remove(const flags& from) {
  const auto storage = storage_or_default(from.storage);
  if (!storage) return complain(storage.error());
  auto lock = lock_study(*storage, from.name);
  if (!lock) return complain(lock.error());
  auto file = open_storage(from.storage, mode::read_write);
  if (!file) return complain(file.error());
  auto row = file->study(from.name);
  if (!row) return complain(row.error());
  if (auto idle = check_nobody_tunes(*file, from.name); !idle) return complain(idle.error());
  if (!from.sure)
    return complain(
        {fault_code::usage,
         "deleting '" + from.name + "' removes " + std::to_string(row->trials) + " trials for good",
         "add --yes to do it"});
  if (auto gone = file->remove(from.name); !gone) return complain(gone.error());
  if (from.as_json)
    print({{"deleted", from.name}, {"trials", row->trials}});
  else
    std::printf("deleted %s (%llu trials)\n", from.name.c_str(),
                static_cast<unsigned long long>(row->trials));
  return 0;
}

}  // namespace

runner add_study(CLI::App& app) {
  auto* command = app.add_subcommand("study", "list, show, export, delete, ask or serve studies");
  command->require_subcommand(1);
  auto to = std::make_shared<flags>();
  auto chosen = std::make_shared<std::function<int()>>();
  const auto add = [&](const char* name, const char* what, int (*run)(const flags&),
                       bool needs_name) {
    auto* one = command->add_subcommand(name, what);
    if (needs_name) one->add_option("name", to->name, "the study")->required();
    one->add_option("--storage", to->storage,
                    "where the studies are: sqlite:///study.db, postgresql://user@host/db");
    add_json_flag(*one, to->as_json);
    one->callback([chosen, run, to] { *chosen = [run, to] { return run(*to); }; });
    return one;
  };
  add("list", "the studies of a file", list, false);
  add("show", "a study at a glance", show, true);
  add("trials", "every trial", trials, true)
      ->add_option("--state", to->state, "only RUNNING, COMPLETE, PRUNED, FAIL or WAITING ones")
      ->check(CLI::IsMember({"RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"}));
  add("best", "the best trial", best, true);
  auto* exporting = add("export", "all trials as JSON or CSV", export_study, true);
  exporting->add_option("--format", to->format, "json or csv");
  exporting->add_option("-o,--output", to->output, "write to this file");
  add("delete", "delete a study", remove, true)->add_flag("--yes", to->sure, "really");
  add_study_asking(*command, chosen);
  add_study_serve(*command, chosen);
  return [chosen] { return (*chosen)(); };
}

}  // namespace fabric::daemon
