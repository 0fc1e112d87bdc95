#include <cmath>
#include <cstdio>
#include <optional>

#include "actors/daemon/boot.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/direction_flags.hpp"
#include "actors/daemon/duration_text.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/state_dir.hpp"
#include "actors/daemon/storage_choice.hpp"
#include "actors/daemon/study_commands.hpp"
#include "actors/daemon/trial_json.hpp"
#include "actors/daemon/tune_options.hpp"
#include "actors/inspect/json_views.hpp"
#include "actors/store/study_name.hpp"
#include "actors/store/study_url.hpp"
#include "actors/tune/opening.hpp"
#include "actors/tune/point_desk.hpp"
#include "actors/tune/point_words.hpp"
#include "actors/tune/trial_command.hpp"
#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/number_in.hpp"
#include "scheduler/tuner/retried.hpp"
#include "scheduler/tuner/value_count.hpp"

/// Studies point by point, for whoever evaluates them without `fabricd tune`.
namespace fabric::daemon {

namespace {

using mode = store::study_store::mode;

struct flags : direction_flags {
  std::string name;
  std::string storage;
  bool as_json = false;
  // create
  std::vector<std::string> parameters;
  std::string sampler;
  std::string seed;
  std::string duplicates = "never";
  bool load_if_exists = false;
  // ask
  std::string lease = "1h";
  // tell
  std::string trial;
  std::vector<std::string> values;
  std::vector<std::string> constraints;
  std::optional<std::string> failed;
  bool pruned = false;
  // enqueue
  std::vector<std::string> point;
  // retry
  std::vector<std::string> trials;
};

/// Of a study that Optuna made: what was declared since, or else what its trials show.
result<tuner::space> space_of_optunas(store::study_store& file, const store::study_row& known) {
  auto parameters =
      known.parameters.empty() ? file.observed_parameters(known.name) : result(known.parameters);
  if (!parameters) return std::move(parameters).error();
  if (!parameters->empty()) return tuner::space::make(std::move(*parameters));
  return fault{fault_code::unsupported,
               "the study '" + known.name + "' has no space yet: none of its trials has run",
               "declare it with `fabricd study create " + file.words_for(known.name) +
                   " --load-if-exists --param ...` and the study's direction"};
}

/// How the study was made, or what its trials show where Optuna made it.
result<tuner::study_settings> settings_of(store::study_store& file, const flags& from) {
  auto stored = file.settings(from.name);
  if (!stored) return std::move(stored).error();
  tuner::study_settings how;
  if (*stored) {
    how = **std::move(stored);
  } else {
    auto row = file.study(from.name);
    if (!row) return std::move(row).error();
    auto over = space_of_optunas(file, *row);
    if (!over) return std::move(over).error();
    how.name = from.name;
    how.directions = row->directions;
    how.over = std::move(*over);
    how.seed = random_number();
  }
  how.trials_max.reset();
  how.parallel = 1;
  if (!from.sampler.empty()) how.sampler = from.sampler;
  return how;
}

// Creating.

result<tuner::study_settings> new_study(const flags& from) {
  const auto check_name =
      from.load_if_exists ? store::check_study_name : store::check_new_study_name;
  if (auto fine = check_name(from.name); !fine) return std::move(fine).error();
  auto directions = directions_of(from);
  if (!directions) return std::move(directions).error();
  tuner::study_settings how;
  how.name = from.name;
  how.directions = *std::move(directions);
  auto over = space_of(from.parameters);
  if (!over) return std::move(over).error();
  how.over = std::move(*over);
  if (auto fine = actors::check_names(how.over); !fine) return std::move(fine).error();
  auto repeats = duplicates_of(from.duplicates);
  if (!repeats) return std::move(repeats).error();
  how.repeats = *repeats;
  if (!from.sampler.empty()) how.sampler = from.sampler;
  const auto seed = tuner::number_in<std::uint64_t>(from.seed);
  if (!from.seed.empty() && !seed)
    return fault{fault_code::usage, "--seed '" + from.seed + "' is no whole number", ""};
  how.seed = seed.value_or(random_number());
  if (auto possible = tuner::study::make(how); !possible) return std::move(possible).error();
  return how;
}

/// Faults: usage (one of that name is another that cannot become this), key_conflict, the store's.
result<void> make(store::study_store& file, const tuner::study_settings& how, bool or_find) {
  auto made = file.create(how);
  if (made || made.error().code != fault_code::key_conflict || !or_find) return made;
  auto known = file.study(how.name);
  if (!known) return std::move(known).error();
  return actors::take_up(file, *known, how);
}

int create(const flags& from) {
  auto how = new_study(from);
  if (!how) return complain(how.error());
  if (from.storage.empty())
    if (auto home = state_home(); home)
      if (auto there = prepare_home_folder(*home); !there) return complain(there.error());
  auto file = open_storage(from.storage, mode::create);
  if (!file) return complain(file.error());
  if (auto made = make(*file, *how, from.load_if_exists); !made) return complain(made.error());
  const auto size = how->over.size();
  if (from.as_json)
    print({{"study", from.name}, {"points", size ? json(*size) : json(nullptr)}});
  else
    std::printf("%s\n", printable(from.name).c_str());
  return 0;
}

// Asking.

/// What an observed parameter is missing from, of those that have run to their end.
std::optional<tuner::trial_number> first_without(const std::string& name,
                                                 const std::vector<tuner::trial>& rows) {
  for (const auto& row : rows)
    if (row.state == tuner::trial_state::complete && row.where.empty() && !row.outside.empty() &&
        !row.outside.contains(name))
      return row.number;
  return std::nullopt;
}

/// A point of the space that a branching script's trials show would have the parameters of all
/// branches. Faults: unsupported, the store's.
result<void> check_branches(store::study_store& file, const tuner::study_settings& how) {
  auto row = file.study(how.name);
  if (!row) return std::move(row).error();
  if (!row->parameters.empty()) return {};
  auto rows = file.trials(how.name, how.over);
  if (!rows) return std::move(rows).error();
  std::string lacking;
  std::string declared;
  for (const auto& each : how.over.parameters()) {
    const auto without = first_without(each.name, *rows);
    if (without && lacking.empty())
      lacking = tuner::named(*without) + " has no " + tuner::spelled_name(each.name);
    declared += " --param " + store::shell_word(to_string(each) + (without ? " if ..." : ""));
  }
  if (lacking.empty()) return {};
  std::string command = "fabricd study create " + file.words_for(how.name) + " --load-if-exists";
  for (const auto towards : how.directions) command += " --" + std::string{name_of(towards)};
  return fault{
      fault_code::unsupported,
      "the study '" + how.name + "' has no declared space and its trials branch: " + lacking,
      "declare which parameters are there when: " + command + declared};
}

int ask(const flags& from) {
  auto lease = parse_duration(from.lease, "--lease");
  if (!lease) return complain(lease.error());
  const auto lease_ms = std::chrono::duration_cast<std::chrono::milliseconds>(*lease).count();
  auto file = open_storage(from.storage, mode::read_write);
  if (!file) return complain(file.error());
  auto how = settings_of(*file, from);
  if (!how) return complain(how.error());
  if (auto whole = check_branches(*file, *how); !whole) return complain(whole.error());
  auto point = actors::ask_point(*file, *how, lease_ms);
  if (!point) {
    const int status = complain(point.error());
    return point.error().code == fault_code::exhausted ? 1 : status;  // nothing was given out
  }
  const auto params = how->over.json_of(point->where);
  if (from.as_json)
    print({{"study", from.name},
           {"number", point->number},
           {"attempt", point->attempt},
           {"params", json::parse(params)},
           {"lease_until", actors::inspect::time_of(point->until_ms)}});
  else
    std::printf("%llu#%u %s\n", static_cast<unsigned long long>(point->number), point->attempt,
                params.c_str());
  return 0;
}

// Telling.

struct trial_name {
  tuner::trial_number number = 0;
  std::optional<std::uint32_t> attempt;
};

/// "3", or "3#1" as `ask` prints it. Faults: usage.
result<trial_name> trial_of(const std::string& text) {
  const auto mark = text.find('#');
  const auto number = tuner::number_in<std::uint64_t>(text.substr(0, mark));
  const auto attempt = mark == std::string::npos
                           ? std::optional<std::uint32_t>{}
                           : tuner::number_in<std::uint32_t>(text.substr(mark + 1));
  if (!number || (mark != std::string::npos && !attempt))
    return fault{fault_code::usage, "'" + text + "' is no trial",
                 "a trial is 3, or 3#1 as `fabricd study ask` prints it"};
  return trial_name{*number, attempt};
}

/// Faults: usage.
result<std::vector<double>> numbers_of(const std::vector<std::string>& texts,
                                       const std::string& flag, const std::string& remedy) {
  std::vector<double> found;
  for (const auto& text : texts) {
    const auto number = tuner::nearest_number(text);
    if (number && number->is_too_large)
      return fault{fault_code::usage, flag + " '" + text + "' is too large a number", remedy};
    if (!number || !std::isfinite(number->value))
      return fault{fault_code::usage, flag + " '" + text + "' is no finite number", remedy};
    found.push_back(number->value);
  }
  return found;
}

/// Faults: usage.
result<void> check_count(const std::vector<std::string>& values, std::size_t objectives) {
  if (values.size() == objectives) return {};
  return fault{
      fault_code::usage, tuner::miscount(values.size(), objectives),
      objectives == 1 ? "give --value once" : "give --value once for each, in their order"};
}

/// Faults: usage.
result<actors::told_result> result_of(const flags& from, std::size_t objectives) {
  actors::told_result made;
  const bool has_numbers = !from.values.empty() || !from.constraints.empty();
  if (from.failed && (from.pruned || has_numbers))
    return fault{fault_code::usage, "a failed trial has no value and is not pruned",
                 "say one of --value, --pruned and --failed"};
  if (from.failed && !tuner::is_utf8(*from.failed))
    return fault{fault_code::usage, "--failed " + tuner::shown(*from.failed) + " is not UTF-8",
                 "say why in plain text"};
  if (from.failed) {
    made.state = tuner::trial_state::fail;
    made.error = from.failed->empty() ? "told so" : *from.failed;
    return made;
  }
  auto constraints = numbers_of(from.constraints, "--constraint", "say 0 where it is just met");
  if (!constraints) return std::move(constraints).error();
  made.constraints = *std::move(constraints);
  if (from.pruned) made.state = tuner::trial_state::pruned;
  if (from.pruned && from.values.empty()) return made;
  if (from.values.empty())
    return fault{fault_code::usage, "how did the trial end?",
                 "say --value V, --pruned or --failed"};
  if (from.pruned && objectives > 1)
    return fault{fault_code::usage, "a pruned trial of several objectives has no values",
                 "leave out --value"};
  if (auto fine = check_count(from.values, objectives); !fine) return std::move(fine).error();
  auto values = numbers_of(from.values, "--value", "tell a trial without a value with --failed");
  if (!values) return std::move(values).error();
  made.values = *std::move(values);
  return made;
}

int tell(const flags& from) {
  auto trial = trial_of(from.trial);
  if (!trial) return complain(trial.error());
  auto file = open_storage(from.storage, mode::read_write);
  if (!file) return complain(file.error());
  auto how = settings_of(*file, from);
  if (!how) return complain(how.error());
  auto what = result_of(from, how->directions.size());
  if (!what) return complain(what.error());
  auto told = actors::tell_point(*file, *how, trial->number, trial->attempt, *what);
  if (!told) return complain(told.error());
  if (from.as_json)
    print({{"study", from.name}, {"number", trial->number}, {"state", name_of(what->state)}});
  else
    std::printf("trial %llu: %s\n", static_cast<unsigned long long>(trial->number),
                std::string{name_of(what->state)}.c_str());
  return 0;
}

// Enqueuing.

int enqueue(const flags& from) {
  auto file = open_storage(from.storage, mode::read_write);
  if (!file) return complain(file.error());
  auto how = settings_of(*file, from);
  if (!how) return complain(how.error());
  if (auto whole = check_branches(*file, *how); !whole) return complain(whole.error());
  auto where = actors::point_in(how->over, from.point);
  if (!where) return complain(where.error());
  auto number = actors::enqueue_point(*file, *how, *where);
  if (!number) return complain(number.error());
  if (from.as_json)
    print({{"study", from.name},
           {"number", *number},
           {"params", json::parse(how->over.json_of(*where))}});
  else
    std::printf("%llu\n", static_cast<unsigned long long>(*number));
  return 0;
}

// Trying again.

/// The failed trials that nobody has tried again.
std::vector<tuner::trial_number> failed_of(const std::vector<tuner::trial>& rows) {
  std::vector<tuner::trial_number> found;
  for (const auto& row : rows)
    if (row.state == tuner::trial_state::fail && !row.where.empty() && !row.gave_back &&
        !row.user_attrs.contains(std::string(tuner::retried_as)) &&
        !row.user_attrs.contains("duplicate_of"))
      found.push_back(row.number);
  return found;
}

/// Faults: usage, not_found, the store's.
result<std::vector<tuner::trial_number>> trials_to_retry(store::study_store& file,
                                                         const tuner::study_settings& how,
                                                         const flags& from) {
  std::vector<tuner::trial_number> named;
  for (const auto& text : from.trials) {
    auto trial = trial_of(text);
    if (!trial) return std::move(trial).error();
    named.push_back(trial->number);
  }
  if (!named.empty()) return named;
  auto rows = file.trials(how.name, how.over);
  if (!rows) return std::move(rows).error();
  auto failed = failed_of(*rows);
  if (!failed.empty()) return failed;
  return fault{fault_code::not_found,
               "the study '" + how.name + "' has no failed trial that was not tried again",
               "`fabricd study trials " + file.words_for(how.name) + "` lists its trials"};
}

int retry(const flags& from) {
  auto file = open_storage(from.storage, mode::read_write);
  if (!file) return complain(file.error());
  auto how = settings_of(*file, from);
  if (!how) return complain(how.error());
  auto failed = trials_to_retry(*file, *how, from);
  if (!failed) return complain(failed.error());
  json all = json::array();
  for (const auto number : *failed) {
    auto again = actors::retry_trial(*file, *how, number);
    if (!again) return complain(again.error());
    all.push_back({{"trial", number}, {"retried_as", *again}});
    if (!from.as_json)
      std::printf("trial %llu: again as trial %llu\n", static_cast<unsigned long long>(number),
                  static_cast<unsigned long long>(*again));
  }
  if (from.as_json) print({{"study", from.name}, {"retried", std::move(all)}});
  return 0;
}

}  // namespace

void add_study_asking(CLI::App& study, const chosen_run& chosen) {
  auto to = std::make_shared<flags>();
  const auto add = [&](const char* name, const char* what, int (*run)(const flags&)) {
    auto* one = study.add_subcommand(name, what);
    one->add_option("name", to->name, "the study")->required();
    add_storage_option(*one, to->storage);
    add_json_flag(*one, to->as_json);
    one->callback([chosen, run, to] { *chosen = [run, to] { return run(*to); }; });
    return one;
  };
  auto* creating = add("create", "make a study, to ask it for points", create);
  add_direction_flags(*creating, *to);
  creating->add_option("--param", to->parameters, "a parameter, as of `fabricd tune` (repeatable)")
      ->required()
      ->allow_extra_args(false);
  creating->add_option("--sampler", to->sampler, "as of `fabricd tune`");
  creating->add_option("--seed", to->seed, "the same seed proposes the same points");
  creating->add_option("--duplicates", to->duplicates, "as of `fabricd tune`");
  creating->add_flag("--load-if-exists", to->load_if_exists, "content where it is there");
  auto* asking = add("ask", "lease a free point and print it: TRIAL#ATTEMPT PARAMS", ask);
  asking->add_option("--sampler", to->sampler, "another than the study's");
  asking->add_option("--lease", to->lease,
                     "after this long without `tell` others may get the point (default 1h)");
  asking->footer("Exit status: 0 with a point, 1 where all are done, 75 where the last are out.");
  auto* telling = add("tell", "record how a point ended that was asked for", tell);
  telling->add_option("trial", to->trial, "3, or 3#1 as `ask` printed it")->required();
  telling->add_option("--value", to->values, "its value; of several objectives once for each")
      ->allow_extra_args(false);
  telling
      ->add_option("--constraint", to->constraints,
                   "a number that must not be above 0 (repeatable)")
      ->allow_extra_args(false);
  telling->add_flag("--pruned", to->pruned, "it was stopped early");
  telling->add_option("--failed", to->failed, "it has no value; why, in a line");
  auto* queueing = add("enqueue", "have a point evaluated first: x=3 lr=0.1 opt=adam", enqueue);
  queueing->add_option("point", to->point, "each parameter with its value")->required();
  add("retry", "have the points of failed trials evaluated again, as new trials", retry)
      ->add_option("trials", to->trials, "their numbers (default: all that were not tried again)");
}

}  // namespace fabric::daemon
