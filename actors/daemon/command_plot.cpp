#include <cstdio>

#include "actors/daemon/command.hpp"
#include "actors/daemon/output_file.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/study_commands.hpp"
#include "actors/daemon/study_reading.hpp"
#include "actors/plots/documents.hpp"

/// What a study has shown, as pictures and as shares.
namespace fabric::daemon {

namespace {

struct flags {
  std::string name;
  std::string storage;
  std::int64_t objective = 0;
  std::vector<std::string> kinds;
  std::string output;
  bool as_json = false;
};

/// Faults: those of read_study; usage where there is no such objective.
result<study_read> read(const flags& from) {
  auto study = read_study(from.storage, from.name);
  if (!study) return study;
  add_partial_points(*study);
  const auto objectives = static_cast<std::int64_t>(study->row.directions.size());
  if (from.objective >= 0 && from.objective < objectives) return study;
  return fault{
      fault_code::usage,
      "the study '" + from.name + "' has " +
          (objectives == 1 ? "one objective" : std::to_string(objectives) + " objectives") +
          ", none with the number " + std::to_string(from.objective),
      "they are counted from 0"};
}

// Importances.

int importance(const flags& from) {
  auto study = read(from);
  if (!study) return complain(study.error());
  const auto what = subject_of(*study, static_cast<std::size_t>(from.objective));
  auto shares = plots::importances_of(what);
  if (!shares) {
    auto why = shares.error();
    why.detail = "study '" + from.name + "': " + why.detail;
    return complain(why);
  }
  const auto order = plots::by_importance(what);
  if (from.as_json) {
    json all = json::array();
    for (const auto i : order)
      all.push_back({{"param", study->over.parameters()[i].name}, {"importance", (*shares)[i]}});
    print({{"study", from.name},
           {"objective", from.objective},
           {"trials", plots::judged_trials(what).size()},
           {"importances", std::move(all)}});
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"PARAM", "IMPORTANCE"}};
  for (const auto i : order)
    rows.push_back({study->over.parameters()[i].name, plots::share_text((*shares)[i])});
  std::fputs(table(rows).c_str(), stdout);
  return 0;
}

// Plots.

enum class format : std::uint8_t { page, sheet };

/// Faults: usage.
result<format> format_of(const std::string& path) {
  if (path.ends_with(".html") || path.ends_with(".htm")) return format::page;
  if (path.ends_with(".svg")) return format::sheet;
  return fault{fault_code::usage, "'" + path + "' is no name of a page or a picture",
               "let it end in .html or .svg"};
}

std::string kind_names() {
  std::string names;
  for (const auto& one : plots::kinds) names += (names.empty() ? "" : ", ") + std::string{one.name};
  return names;
}

/// Faults: usage.
result<std::vector<plots::kind>> kinds_of(const flags& from, const plots::subject& what) {
  if (from.kinds.empty()) return plots::kinds_for(what);
  std::vector<plots::kind> which;
  for (const auto& name : from.kinds) {
    const auto found = plots::kind_named(name);
    if (!found)
      return fault{fault_code::usage, "'" + name + "' is no kind of plot",
                   "there are " + kind_names()};
    which.push_back(*found);
  }
  return which;
}

int plot(const flags& from) {
  const auto as = format_of(from.output);
  if (!as) return complain(as.error());
  auto study = read(from);
  if (!study) return complain(study.error());
  const auto what = subject_of(*study, static_cast<std::size_t>(from.objective));
  const auto which = kinds_of(from, what);
  if (!which) return complain(which.error());
  const auto text =
      *as == format::page ? plots::page_of(what, *which) : plots::sheet_of(what, *which);
  if (auto written = write_output_file(from.output, text); !written)
    return complain(written.error());
  if (!from.as_json) return 0;
  json names = json::array();
  for (const auto& one : *which) names.push_back(one.name);
  print({{"study", from.name},
         {"file", from.output},
         {"plots", std::move(names)},
         {"trials", study->trials.size()}});
  return 0;
}

}  // namespace

void add_study_plots(CLI::App& study, const chosen_run& chosen) {
  auto to = std::make_shared<flags>();
  const auto add = [&](const char* name, const char* what, int (*run)(const flags&)) {
    auto* one = study.add_subcommand(name, what);
    one->add_option("name", to->name, "the study")->required();
    add_storage_option(*one, to->storage);
    one->add_option("--objective", to->objective,
                    "of a study with several: which, counted from 0 (default 0)");
    add_json_flag(*one, to->as_json);
    one->callback([chosen, run, to] { *chosen = [run, to] { return run(*to); }; });
    return one;
  };
  add("importance", "how much each parameter matters", importance);
  auto* plotting = add("plot", "draw a study into one file: a page, or a picture", plot);
  plotting->add_option("-o,--output", to->output, "the file: .html or .svg")->required();
  plotting->add_option("--kind", to->kinds, "only this plot (repeatable): " + kind_names())
      ->allow_extra_args(false);
}

}  // namespace fabric::daemon
