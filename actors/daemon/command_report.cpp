#include <cmath>
#include <cstdlib>
#include <memory>

#include "actors/daemon/command.hpp"
#include "actors/daemon/duration_text.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/reported_lines.hpp"
#include "actors/daemon/trial_json.hpp"
#include "actors/node/report_door.hpp"
#include "actors/tune/trial_notes.hpp"
#include "scheduler/tuner/number_in.hpp"

namespace fabric::daemon {

namespace {

constexpr int told_to_stop = 10;  ///< the exit status

struct flags {
  std::string step;
  std::string value;
  std::optional<std::string> lines;
  std::string timeout = "60s";
  bool as_json = false;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

/// A plus sign, which printf may write, says nothing.
std::string_view without_plus(std::string_view word) {
  return word.starts_with('+') ? word.substr(1) : word;
}

/// Faults: usage.
result<tuner::trial_report> report_of(const std::string& step_word, const std::string& value_word) {
  const auto step = tuner::number_in<std::int64_t>(without_plus(step_word));
  if (!step || *step < 0 || *step > tuner::step_max)
    return fault{fault_code::usage,
                 "the step '" + step_word + "' is no whole number from 0 to " +
                     std::to_string(tuner::step_max),
                 ""};
  const auto value = tuner::number_in<double>(without_plus(value_word));
  if (!value || std::isnan(*value))
    return fault{fault_code::usage, "the value '" + value_word + "' is no number",
                 "report a number, or end the trial"};
  return tuner::trial_report{*step, *value};
}

bool is_trial() {
  return !variable("FABRIC_TRIAL_NUMBER").empty() && !variable("FABRIC_ATTEMPT_ID").empty();
}

/// What the search says of it. Faults: usage (no trial), and those of the tuner and of the node.
result<tuner::verdict> report(const std::string& step, const std::string& value,
                              duration patience) {
  auto what = report_of(step, value);
  if (!what) return std::move(what).error();
  const auto attempt = variable("FABRIC_ATTEMPT_ID");
  const auto path = variable("FABRIC_REPORT");
  if (!is_trial())
    return fault{fault_code::usage, "this is no trial: $FABRIC_TRIAL_NUMBER is not set",
                 "report from the command of a `fabricd tune`"};
  if (path.empty())
    return fault{fault_code::unsupported, "this node takes no reports: $FABRIC_REPORT is not set",
                 "its daemon's log says why, or its fabricd is an older one"};
  auto note = json::parse(actors::note_of(*what));
  note["attempt"] = attempt;
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  auto answer = actors::say_at_door(path, note.dump(), wait);
  if (!answer) return std::move(answer).error();
  return actors::verdict_in(*answer);
}

/// Runs the command, and reports what its lines say.
int run_and_report(const flags& from, const tail& command, duration patience) {
  if (!command.given || command.words.empty())
    return complain(
        {fault_code::usage, "--lines is given without a command", "the command stands behind --"});
  if (!from.step.empty() || !from.value.empty())
    return complain({fault_code::usage, "--lines reads steps and values from the command's output",
                     "leave --step and --value out"});
  auto pattern =
      report_pattern::make(from.lines->empty() ? std::string{usual_report_line} : *from.lines);
  if (!pattern) return complain(pattern.error());
  const bool reports = is_trial();
  if (!reports) remark({fault_code::usage, "this is no trial, so nothing is reported", ""});
  bool is_told_to_stop = false;
  auto ended = run_listening(command.words, [&](const std::string& line) {
    const auto found = reports ? pattern->in(line) : std::nullopt;
    if (!found) return tuner::verdict::go_on;
    auto said = report(found->step, found->value, patience);
    if (!said) {
      remark(said.error());
      return tuner::verdict::go_on;
    }
    is_told_to_stop = *said == tuner::verdict::stop;
    return *said;
  });
  if (!ended) return complain(ended.error());
  return is_told_to_stop ? told_to_stop : *ended;
}

int run(const flags& from, const tail& command) {
  auto patience = parse_duration(from.timeout, "--timeout");
  if (!patience) return complain(patience.error());
  if (from.lines) return run_and_report(from, command, *patience);
  if (from.step.empty() || from.value.empty())
    return complain({fault_code::usage, "a report has --step and --value",
                     "or --lines, and behind -- a command whose output has them"});
  const auto said = report(from.step, from.value, *patience);
  if (!said) return complain(said.error());
  const bool stops = *said == tuner::verdict::stop;
  if (from.as_json) print({{"verdict", stops ? "stop" : "go_on"}});
  return stops ? told_to_stop : 0;
}

}  // namespace

runner add_report(CLI::App& app, const tail& command_line) {
  auto* command = app.add_subcommand("report", "in a trial: say how far it is");
  auto to = std::make_shared<flags>();
  command->add_option("--step", to->step, "which step, from 0; each one once");
  command->add_option("--value", to->value, "the objective's value there");
  command
      ->add_option("--lines", to->lines,
                   R"(run the command behind -- and report what its lines say: an expression with )"
                   R"(two groups, step and value (default '^report (\d+) (\S+)$'))")
      ->expected(0, 1);
  command->add_option("--timeout", to->timeout, "wait so long for the search (default 60s)");
  add_json_flag(*command, to->as_json);
  command->footer(
      "Exit status: 0 go on, 10 stop: the value is bad enough for the search's --pruner. The trial "
      "is PRUNED then, whatever it still prints.");
  return [to, &command_line] { return run(*to, command_line); };
}

}  // namespace fabric::daemon
