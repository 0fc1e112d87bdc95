#include <algorithm>
#include <cstdio>
#include <set>

#include "actors/daemon/command.hpp"
#include "actors/daemon/output_file.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/study_commands.hpp"
#include "actors/daemon/study_reading.hpp"
#include "actors/daemon/trial_json.hpp"

/// A study as a file for other programs.
namespace fabric::daemon {

namespace {

struct flags {
  std::string name;
  std::string storage;
  std::string format = "json";
  std::string output;
  bool as_json = false;
};

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string{"\"\""} : std::string{c};
  return quoted + "\"";
}

/// So many, each with its comma.
std::string cells(const std::vector<double>& numbers, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += "," + (i < numbers.size() ? number_text(numbers[i]) : std::string{});
  return text;
}

/// The names of the columns, all different: a parameter that is called like another column is
/// params_NAME, as in Optuna's data frames.
std::vector<std::string> columns_of(const study_read& study, std::size_t constraints) {
  const auto objectives = study.row.directions.size();
  std::vector<std::string> names = {"number", "state"};
  for (std::size_t i = 0; i < objectives; ++i)
    names.push_back(objectives == 1 ? "value" : "value_" + std::to_string(i));
  for (std::size_t i = 0; i < constraints; ++i) names.push_back("constraint_" + std::to_string(i));
  for (const auto* name : {"node", "attempt", "datetime_start", "datetime_complete"})
    names.emplace_back(name);
  const std::set<std::string> fixed(names.begin(), names.end());
  std::set<std::string> taken = fixed;
  for (const auto& parameter : study.row.parameters) taken.insert(parameter.name);
  for (const auto& parameter : study.row.parameters) {
    auto name = parameter.name;
    if (fixed.contains(name)) do
        name = "params_" + name;
      while (!taken.insert(name).second);
    names.push_back(std::move(name));
  }
  return names;
}

std::string as_csv(const study_read& study) {
  const auto objectives = study.row.directions.size();
  std::size_t constraints = 0;
  for (const auto& row : study.trials) constraints = std::max(constraints, row.constraints.size());
  std::string text;
  for (const auto& name : columns_of(study, constraints))
    text += (text.empty() ? "" : ",") + csv_cell(name);
  text += "\n";
  const auto time_text = [](const json& time) {
    return time.is_string() ? time.get<std::string>() : "";
  };
  for (const auto& row : study.trials) {
    const auto j = to_json(row, study.over);
    text += std::to_string(row.number) + "," + std::string{name_of(row.state)} +
            cells(row.values, objectives) + cells(row.constraints, constraints) + "," +
            csv_cell(row.node) + "," + std::to_string(row.attempt) + "," +
            time_text(j["datetime_start"]) + "," + time_text(j["datetime_complete"]);
    for (std::size_t i = 0; i < study.row.parameters.size(); ++i) {
      const auto outside = row.outside.find(study.row.parameters[i].name);
      std::string cell;
      if (i < row.where.size()) cell = study.over.text_of(row.where, i);
      if (outside != row.outside.end()) cell = attribute_text(outside->second);
      text += "," + csv_cell(cell);
    }
    text += "\n";
  }
  return text;
}

int export_study(const flags& from) {
  if (from.format != "json" && from.format != "csv")
    return complain({fault_code::usage, "--format is json or csv, not '" + from.format + "'", ""});
  if (from.as_json && from.format == "csv" && from.output.empty())
    return complain({fault_code::usage, "--format csv would print something else than JSON",
                     "leave out --json, or write to a file with --output"});
  auto study = read_study(from.storage, from.name);
  if (!study) return complain(study.error());
  std::string text;
  if (from.format == "csv") {
    text = as_csv(*study);
  } else {
    auto document = to_json(study->row);
    document["user_attrs"] = attributes_json(study->user_attrs);
    document["trials"] = json::array();
    for (const auto& row : study->trials) document["trials"].push_back(to_json(row, study->over));
    text = document_text(document);
  }
  if (from.output.empty()) {
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  if (auto written = write_output_file(from.output, text); !written)
    return complain(written.error());
  if (from.as_json)
    print({{"study", from.name}, {"file", from.output}, {"trials", study->trials.size()}});
  return 0;
}

}  // namespace

void add_study_export(CLI::App& study, const chosen_run& chosen) {
  auto to = std::make_shared<flags>();
  auto* command = study.add_subcommand("export", "all trials as JSON or CSV");
  command->add_option("name", to->name, "the study")->required();
  add_storage_option(*command, to->storage);
  add_json_flag(*command, to->as_json);
  command->add_option("--format", to->format, "json or csv");
  command->add_option("-o,--output", to->output, "write to this file");
  command->callback([chosen, to] { *chosen = [to] { return export_study(*to); }; });
}

}  // namespace fabric::daemon
