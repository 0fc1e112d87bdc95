#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

/// The subcommands of `fabricd study`, one file for each group. Each declares its own; where one of
/// them was typed, `chosen` is what runs it.
namespace fabric::daemon {

using chosen_run = std::shared_ptr<std::function<int()>>;

/// create, ask, tell, enqueue, retry
void add_study_asking(CLI::App& study, const chosen_run& chosen);
/// attr
void add_study_attributes(CLI::App& study, const chosen_run& chosen);
/// importance, plot
void add_study_plots(CLI::App& study, const chosen_run& chosen);
/// delete
void add_study_delete(CLI::App& study, const chosen_run& chosen);
/// export
void add_study_export(CLI::App& study, const chosen_run& chosen);
/// serve
void add_study_serve(CLI::App& study, const chosen_run& chosen);

void add_storage_option(CLI::App& command, std::string& to);

}  // namespace fabric::daemon
