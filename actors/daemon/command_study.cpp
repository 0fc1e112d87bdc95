#include <cstdio>
#include <memory>

#include "actors/daemon/best_text.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/storage_choice.hpp"
#include "actors/daemon/study_commands.hpp"
#include "actors/daemon/study_reading.hpp"
#include "actors/daemon/terminal_look.hpp"
#include "actors/daemon/trial_json.hpp"
#include "actors/store/study_url.hpp"

namespace fabric::daemon {

namespace {

using mode = store::study_store::mode;

struct flags {
  std::string name;
  std::string storage;
  std::string state;
  bool as_json = false;
  bool draws = false;
};

/// The study as it was named, for hints.
std::string words_for(const flags& from) {
  if (from.storage.empty()) return store::shell_word(from.name);
  return store::study_words(from.name, store::without_password(from.storage));
}

/// The best value, or how many trials are on the front.
std::string best_text(const store::study_row& row) {
  if (row.front && *row.front > 0) return std::to_string(*row.front) + " on the front";
  return row.best ? number_text(*row.best) : "-";
}

int list(const flags& from) {
  auto file = open_storage(from.storage, mode::read_only);
  if (!file) return complain(file.error());
  auto studies = file->studies();
  if (!studies) return complain(studies.error());
  if (from.as_json) {
    json all = json::array();
    for (const auto& row : *studies) all.push_back(to_json(row));
    print({{"studies", std::move(all)}});
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"NAME", "DIRECTION", "TRIALS", "COMPLETE", "BEST"}};
  for (const auto& row : *studies)
    rows.push_back({row.name, tuner::words_for(row.directions), std::to_string(row.trials),
                    std::to_string(row.complete), best_text(row)});
  std::fputs(table(rows).c_str(), stdout);
  return 0;
}

int show(const flags& from) {
  auto study = read_study(from.storage, from.name);
  if (!study) return complain(study.error());
  std::map<std::string, std::uint64_t> states;
  for (const auto& row : study->trials) ++states[std::string{name_of(row.state)}];
  const auto found = best_of(*study);
  const auto* best = found.one();
  if (from.as_json) {
    auto document = to_json(study->row);
    document["user_attrs"] = attributes_json(study->user_attrs);
    document["states"] = states;
    document["best"] = best == nullptr ? json(nullptr) : to_json(*best, study->over);
    document["best_trials"] = to_json(found, study->over);
    print(document);
    return 0;
  }
  std::printf("study %s (%s)\n", printable(study->row.name).c_str(),
              tuner::words_for(study->row.directions).c_str());
  for (const auto& parameter : study->row.parameters)
    std::printf("  %s\n", printable(to_string(parameter)).c_str());
  if (const auto size = study->over.size(); size && !study->row.parameters.empty())
    std::printf("points: %llu\n", static_cast<unsigned long long>(*size));
  for (const auto& [key, value] : study->user_attrs)
    std::printf("attr %s: %s\n", printable(key).c_str(), printable(attribute_text(value)).c_str());
  for (const auto& [state, count] : states)
    std::printf("%s: %llu\n", state.c_str(), static_cast<unsigned long long>(count));
  if (const auto many = found.all().size(); study->row.directions.size() > 1 && many > 0)
    std::printf("best: %s; `fabricd study best %s` lists %s\n", counted(many, "trial").c_str(),
                printable(words_for(from)).c_str(), many == 1 ? "it" : "them");
  if (found.all().empty() && study->row.complete > 0)
    std::printf("best: none: %s\n", why_no_best(study->trials).c_str());
  if (best != nullptr)
    std::printf("best: %s (trial %llu) %s\n", number_text(best->values.front()).c_str(),
                static_cast<unsigned long long>(best->number),
                printable(params_text(*best, study->over)).c_str());
  if (from.draws || output_is_a_terminal())
    std::fputs(plots::terminal_history(subject_of(*study, 0), look_of_output()).c_str(), stdout);
  return 0;
}

int trials(const flags& from) {
  auto study = read_study(from.storage, from.name);
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
      {"NUMBER", "STATE", study->row.directions.size() > 1 ? "VALUES" : "VALUE", "NODE", "ATTEMPT",
       "PARAMS", "NOTE"}};
  for (const auto& row : study->trials) {
    if (!wanted(row)) continue;
    std::string note;
    if (const auto over = tuner::violation_of(row.constraints); over > 0)
      note = "infeasible by " + number_text(over);
    for (const auto* key : {"error", "duplicate_of", "retry_of", "retried_as"})
      if (auto found = row.user_attrs.find(key); found != row.user_attrs.end())
        note += (note.empty() ? "" : " ") + std::string{key} + "=" + attribute_text(found->second);
    if (!row.reports.empty())
      note += (note.empty() ? "" : " ") + ("step=" + std::to_string(row.reports.back().step));
    rows.push_back({std::to_string(row.number), std::string{name_of(row.state)}, values_text(row),
                    row.node, std::to_string(row.attempt), params_text(row, study->over), note});
  }
  std::fputs(table(rows).c_str(), stdout);
  return 0;
}

int best(const flags& from) {
  auto study = read_study(from.storage, from.name);
  if (!study) return complain(study.error());
  const auto best = best_of(*study);
  const auto* found = best.one();
  if (best.all().empty())
    return complain({fault_code::not_found,
                     "study '" + from.name + "': " + why_no_best(study->trials),
                     "`fabricd study trials " + words_for(from) + "` shows them"});
  if (found == nullptr && from.as_json)
    print({{"study", from.name}, {"best_trials", to_json(best, study->over)}});
  else if (found == nullptr)
    std::fputs(front_text(best, study->row.directions, study->over).c_str(), stdout);
  else if (from.as_json)
    print(to_json(*found, study->over));
  else
    std::printf("%s (trial %llu%s%s)\n%s\n", number_text(found->values.front()).c_str(),
                static_cast<unsigned long long>(found->number), found->node.empty() ? "" : " on ",
                found->node.c_str(), printable(params_text(*found, study->over)).c_str());
  return 0;
}

}  // namespace

void add_storage_option(CLI::App& command, std::string& to) {
  command.add_option("--storage", to,
                     "where the studies are: sqlite:///study.db, postgresql://user@host/db");
}

runner add_study(CLI::App& app) {
  auto* command =
      app.add_subcommand("study", "list, show, draw, export, delete, ask or serve studies");
  command->require_subcommand(1);
  auto to = std::make_shared<flags>();
  const auto chosen = std::make_shared<std::function<int()>>();
  const auto add = [&](const char* name, const char* what, int (*run)(const flags&),
                       bool needs_name) {
    auto* one = command->add_subcommand(name, what);
    if (needs_name) one->add_option("name", to->name, "the study")->required();
    add_storage_option(*one, to->storage);
    add_json_flag(*one, to->as_json);
    one->callback([chosen, run, to] { *chosen = [run, to] { return run(*to); }; });
    return one;
  };
  add("list", "the studies of a file", list, false);
  add("show", "a study at a glance", show, true)
      ->add_flag("--plot", to->draws, "draw its history also where the output is no terminal");
  add("trials", "every trial", trials, true)
      ->add_option("--state", to->state, "only RUNNING, COMPLETE, PRUNED, FAIL or WAITING ones")
      ->check(CLI::IsMember({"RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"}));
  add("best", "the best trial, or those of several objectives", best, true);
  add_study_delete(*command, chosen);
  add_study_export(*command, chosen);
  add_study_plots(*command, chosen);
  add_study_attributes(*command, chosen);
  add_study_asking(*command, chosen);
  add_study_serve(*command, chosen);
  return [chosen] { return (*chosen)(); };
}

}  // namespace fabric::daemon
