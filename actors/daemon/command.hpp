#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

/// The command line: one file a command. Each declares its flags on a subcommand and gives the
/// function that runs it; that function answers the exit status.
namespace fabric::daemon {

/// What stood behind "--", which CLI11 never sees; `given` tells a missing "--" from an empty tail.
struct tail {
  std::vector<std::string> words;
  bool given = false;
};

using runner = std::function<int()>;

/// Every command has it. main also looks for the word, so it takes no value.
inline void add_json_flag(CLI::App& command, bool& to) {
  command.add_flag("--json", to, "one JSON document on stdout, nothing else")
      ->disable_flag_override();
}

/// Declares a subcommand and answers what runs it.
runner add_start(CLI::App& app);
runner add_stop(CLI::App& app);
runner add_drain(CLI::App& app);
runner add_status(CLI::App& app);
runner add_list(CLI::App& app);
runner add_get(CLI::App& app);
runner add_explain(CLI::App& app);
runner add_run(CLI::App& app, const tail& command);
runner add_submit(CLI::App& app, const tail& command);
runner add_logs(CLI::App& app);
runner add_wait(CLI::App& app);
runner add_cancel(CLI::App& app);
runner add_node(CLI::App& app);
runner add_key(CLI::App& app);
runner add_tune(CLI::App& app, const tail& command);
runner add_study(CLI::App& app);
runner add_report(CLI::App& app, const tail& command);
runner add_launch(CLI::App& app, const tail& command);
runner add_doctor(CLI::App& app);
runner add_version(CLI::App& app);

}  // namespace fabric::daemon
