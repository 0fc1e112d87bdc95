#include "actors/daemon/tune_options.hpp"

#include <algorithm>
#include <cmath>

#include "actors/convert.hpp"
#include "actors/daemon/boot.hpp"
#include "actors/daemon/duration_text.hpp"
#include "actors/daemon/storage_choice.hpp"
#include "actors/store/study_name.hpp"
#include "actors/tune/trial_command.hpp"
#include "scheduler/job.hpp"
#include "scheduler/tuner/number_in.hpp"
#include "transport/codec.hpp"

namespace fabric::daemon {

namespace {

constexpr std::uint64_t parallel_max = 100'000;
constexpr std::uint64_t trials_most = 1'000'000'000'000;

result<std::uint64_t> whole_number(const std::string& text, const std::string& what,
                                   std::uint64_t least, std::uint64_t most) {
  const auto number = tuner::number_in<std::uint64_t>(text);
  if (!number || *number < least || *number > most)
    return fault{fault_code::usage,
                 what + " '" + text + "' is no whole number from " + std::to_string(least) +
                     " to " + std::to_string(most),
                 ""};
  return *number;
}

/// Faults: usage, naming what makes the search endless.
result<void> check_it_ends(const tuner::study_settings& study, const tune_flags& flags) {
  if (study.trials_max || study.patience || !flags.stop_after.empty()) return {};
  const auto endless = [](const std::string& why) {
    return fault{fault_code::usage, "this search would never end: " + why,
                 "give --trials N, --timeout T or --patience N"};
  };
  const auto& all = study.over.parameters();
  const auto continuous = std::ranges::find_if(all, [](const auto& one) {
    const auto* range = std::get_if<tuner::float_range>(&one.over);
    return range != nullptr && !range->step;
  });
  if (continuous != all.end())
    return endless("parameter " + continuous->name +
                   " has no step, so the space has no last point");
  if (!study.over.size()) return endless("the space has too many points to count");
  const bool lists_points = study.sampler == "grid" || study.sampler == "brute-force";
  if (study.repeats == tuner::duplicates::allow && !lists_points)
    return endless("--duplicates allow proposes points again and again");
  return {};
}

/// Faults: usage.
result<actors::output_rules> output_rules_of(const tune_flags& flags, std::size_t objectives) {
  if (flags.values.size() > 1 && flags.values.size() != objectives)
    return fault{fault_code::usage,
                 std::to_string(flags.values.size()) + " --value for " +
                     std::to_string(objectives) + (objectives == 1 ? " objective" : " objectives"),
                 "give it once for each --minimize and --maximize, or once for all"};
  actors::output_rules made{.objectives = objectives};
  if (!flags.values.empty()) made.values.clear();
  for (const auto& text : flags.values) {
    auto rule = actors::parse_value_rule(text);
    if (!rule) return std::move(rule).error();
    made.values.push_back(std::move(*rule));
  }
  for (const auto& text : flags.constraints) {
    auto rule = actors::parse_value_rule(text, "--constraint");
    if (!rule) return std::move(rule).error();
    if (rule->how == actors::value_rule::kind::last_line)
      return fault{fault_code::usage, "--constraint last-line: the values stand there",
                   "use regex:RE or json:/POINTER"};
    made.constraints.push_back(std::move(*rule));
  }
  return made;
}

/// What the head would refuse of a trial, before anything is made. Faults: usage.
result<void> check_trial(const tune_options& how, const tune_flags& flags) {
  transport::submit trial{.name = how.study.name + " #0",
                          .study = how.study.name,
                          .payload = transport::encode(how.pattern),
                          .needs = how.needs,
                          .priority = flags.priority,
                          .retries = flags.retries,
                          .time_limit = how.trial_limit};
  std::string bytes;
  if (const auto wrong = transport::append(bytes, {}, trial); !wrong.empty())
    return fault{fault_code::usage, "a trial cannot be submitted: " + std::string{wrong},
                 "check the study's name and what a trial needs"};
  if (auto job = convert::job(std::move(trial), ""); !job) return std::move(job).error();
  return {};
}

}  // namespace

void add_tune_flags(CLI::App& command, tune_flags& to) {
  command.add_option("--study", to.study, "name of the study")->required();
  add_direction_flags(command, to);
  command
      .add_option("--param", to.parameters,
                  "a parameter (repeatable): 'x=int(10,60,step=5)', 'lr=float(1e-5,1e-1,log)', "
                  "'opt=choice(adam,sgd)', 'momentum=float(0,1) if opt=sgd'")
      ->required()
      ->allow_extra_args(false);
  command.add_option("--sampler", to.sampler,
                     "brute-force, cma-es, gp, grid, halton, nsga2, random, sobol or tpe (default "
                     "random)");
  command.add_option("--pruner", to.pruner,
                     "what stops bad trials early by what they `fabricd report`: none (default), "
                     "median, percentile:at=25, asha, hyperband, patient:patience=5, "
                     "threshold:upper=V, wilcoxon");
  command.add_option("--trials", to.trials, "at most this many new trials");
  command.add_option("--parallel", to.parallel,
                     "trials at a time (default: as many as the cluster has room for)");
  command.add_option("--timeout", to.stop_after,
                     "propose nothing new after this long, as in 10min");
  command.add_option("--until", to.until, "end once a trial has this value, or a better one");
  command.add_option("--patience", to.patience,
                     "end once so many trials in a row brought nothing better");
  command.add_option("--trial-timeout", to.work_flags::timeout, "time limit of one trial");
  command.add_option("--storage", to.storage,
                     "where the study is: sqlite:///study.db, postgresql://user@host/db");
  command.add_flag("--load-if-exists", to.load_if_exists, "go on with the study where it exists");
  command.add_option("--duplicates", to.duplicates,
                     "never (default), cached (answered from the earlier trial) or allow");
  command
      .add_option("--value", to.values,
                  "where the value stands: last-line, regex:RE or json:/POINTER; of several "
                  "objectives one for all, or one for each (repeatable)")
      ->allow_extra_args(false);
  command
      .add_option("--constraint", to.constraints,
                  "where a number stands that must not be above 0: regex:RE or json:/POINTER "
                  "(repeatable)")
      ->allow_extra_args(false);
  command.add_option("--seed", to.seed, "the same seed proposes the same points");
  command.add_option("--retries", to.retries, "further attempts of a trial whose command failed")
      ->check(CLI::Range(0U, scheduler::retries_max));
  command.add_option("--priority", to.priority, "higher runs first (default 0)")
      ->check(CLI::Range(-scheduler::priority_limit, scheduler::priority_limit));
  command.add_flag("--local", to.local, "run in this process even if a cluster is there");
  add_task_flags(command, to);
}

result<tuner::space> space_of(const std::vector<std::string>& texts) {
  std::vector<tuner::parameter> parameters;
  for (const auto& text : texts) {
    auto parsed = tuner::parse_parameter(text);
    if (!parsed) return std::move(parsed).error();
    parameters.push_back(std::move(*parsed));
  }
  return tuner::space::make(std::move(parameters));
}

result<tuner::duplicates> duplicates_of(const std::string& word) {
  if (word == "never") return tuner::duplicates::never;
  if (word == "cached") return tuner::duplicates::cached;
  if (word == "allow") return tuner::duplicates::allow;
  return fault{fault_code::usage, "--duplicates is never, cached or allow, not '" + word + "'", ""};
}

result<tune_options> check(const tune_flags& flags, const tail& command) {
  auto directions = directions_of(flags);
  if (!directions) return std::move(directions).error();
  const auto check_name =
      flags.load_if_exists ? store::check_study_name : store::check_new_study_name;
  if (auto fine = check_name(flags.study); !fine)
    return fault{fault_code::usage, fine.error().detail, "choose another --study"};
  tune_options made;
  auto& study = made.study;
  study.name = flags.study;
  study.directions = *std::move(directions);
  study.sampler = flags.sampler;
  study.pruner = flags.pruner;
  auto over = space_of(flags.parameters);
  if (!over) return std::move(over).error();
  study.over = std::move(*over);
  if (auto fine = actors::check_names(study.over); !fine) return std::move(fine).error();
  auto repeats = duplicates_of(flags.duplicates);
  if (!repeats) return std::move(repeats).error();
  study.repeats = *repeats;
  if (!flags.trials.empty()) {
    auto trials = whole_number(flags.trials, "--trials", 1, trials_most);
    if (!trials) return std::move(trials).error();
    study.trials_max = *trials;
  }
  if (!flags.until.empty()) {
    study.until = tuner::number_in<double>(flags.until);
    if (!study.until || std::isnan(*study.until))
      return fault{fault_code::usage, "--until '" + flags.until + "' is no number", ""};
  }
  if (!flags.patience.empty()) {
    auto patience = whole_number(flags.patience, "--patience", 1, trials_most);
    if (!patience) return std::move(patience).error();
    study.patience = *patience;
  }
  if (!flags.parallel.empty()) {
    auto parallel = whole_number(flags.parallel, "--parallel", 1, parallel_max);
    if (!parallel) return std::move(parallel).error();
    study.parallel = static_cast<std::uint32_t>(*parallel);
    made.parallel_given = true;
  }
  study.seed = random_number();
  if (!flags.seed.empty()) {
    auto seed = whole_number(flags.seed, "--seed", 0, UINT64_MAX);
    if (!seed) return std::move(seed).error();
    study.seed = *seed;
  }
  if (auto ends = check_it_ends(study, flags); !ends) return std::move(ends).error();
  if (!flags.stop_after.empty()) {
    auto limit = parse_duration(flags.stop_after, "--timeout");
    if (!limit) return std::move(limit).error();
    if (limit->count() == 0) return fault{fault_code::usage, "--timeout 0 leaves no time", ""};
    made.time_limit = *limit;
  }
  auto output = output_rules_of(flags, study.directions.size());
  if (!output) return std::move(output).error();
  made.output = std::move(*output);
  auto needs = demand_of(flags);
  if (!needs) return std::move(needs).error();
  made.needs = std::move(*needs);
  auto work = work_of(flags, command, "tune");
  if (!work) return std::move(work).error();
  made.pattern = std::move(*work);
  if (auto fine = actors::check_placeholders(made.pattern.argv, study.over); !fine)
    return std::move(fine).error();
  auto trial_limit = time_limit_of(flags);
  if (!trial_limit) return std::move(trial_limit).error();
  made.trial_limit = *trial_limit;
  if (auto fine = check_trial(made, flags); !fine) return std::move(fine).error();
  // Every complaint about the study itself, before anything is opened.
  if (auto possible = tuner::study::make(study); !possible) return std::move(possible).error();
  auto storage = storage_or_default(flags.storage);
  if (!storage) return std::move(storage).error();
  made.storage = std::move(*storage);
  return made;
}

}  // namespace fabric::daemon
