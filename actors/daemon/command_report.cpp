#include <charconv>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "actors/daemon/command.hpp"
#include "actors/daemon/duration_text.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/trial_json.hpp"
#include "actors/node/report_door.hpp"
#include "actors/tune/trial_notes.hpp"

namespace fabric::daemon {

namespace {

constexpr int told_to_stop = 10;  ///< the exit status

struct flags {
  std::string step;
  std::string value;
  std::string timeout = "60s";
  bool as_json = false;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number found{};
  const auto [rest, wrong] = std::from_chars(text.data(), text.data() + text.size(), found);
  if (wrong != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return found;
}

/// Faults: usage.
result<tuner::trial_report> report_of(const flags& from) {
  const auto step = number_in<std::int64_t>(from.step);
  if (!step || *step < 0 || *step > tuner::step_max)
    return fault{fault_code::usage,
                 "--step '" + from.step + "' is no whole number from 0 to " +
                     std::to_string(tuner::step_max),
                 ""};
  const auto value = number_in<double>(from.value);
  if (!value || std::isnan(*value))
    return fault{fault_code::usage, "--value '" + from.value + "' is no number",
                 "report a number, or end the trial"};
  return tuner::trial_report{*step, *value};
}

/// What the search says of it. Faults: usage (no trial), and those of the tuner and of the node.
result<tuner::verdict> report(const flags& from) {
  auto what = report_of(from);
  if (!what) return std::move(what).error();
  auto patience = parse_duration(from.timeout, "--timeout");
  if (!patience) return std::move(patience).error();
  const auto attempt = variable("FABRIC_ATTEMPT_ID");
  const auto path = variable("FABRIC_REPORT");
  if (variable("FABRIC_TRIAL_NUMBER").empty() || attempt.empty())
    return fault{fault_code::usage, "this is no trial: $FABRIC_TRIAL_NUMBER is not set",
                 "report from the command of a `fabricd tune`"};
  if (path.empty())
    return fault{fault_code::unsupported, "this node takes no reports: $FABRIC_REPORT is not set",
                 "its daemon's log says why, or its fabricd is an older one"};
  auto note = json::parse(actors::note_of(*what));
  note["attempt"] = attempt;
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(*patience).count();
  auto answer = actors::say_at_door(path, note.dump(), wait);
  if (!answer) return std::move(answer).error();
  return actors::verdict_in(*answer);
}

int run(const flags& from) {
  const auto said = report(from);
  if (!said) return complain(said.error());
  const bool stops = *said == tuner::verdict::stop;
  if (from.as_json) print({{"verdict", stops ? "stop" : "go_on"}});
  return stops ? told_to_stop : 0;
}

}  // namespace

runner add_report(CLI::App& app) {
  auto* command = app.add_subcommand("report", "in a trial: say how far it is");
  auto to = std::make_shared<flags>();
  command->add_option("--step", to->step, "which step, from 0; each one once")->required();
  command->add_option("--value", to->value, "the objective's value there")->required();
  command->add_option("--timeout", to->timeout, "wait so long for the search (default 60s)");
  add_json_flag(*command, to->as_json);
  command->footer(
      "Exit status: 0 go on, 10 stop: the value is bad enough for the search's --pruner. The trial "
      "is PRUNED then, whatever it still prints.");
  return [to] { return run(*to); };
}

}  // namespace fabric::daemon
