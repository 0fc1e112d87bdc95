#include <algorithm>

#include "actors/journal/journal.hpp"
#include "actors/journal/trial_states.hpp"
#include "actors/store/distribution.hpp"
#include "actors/store/study_url.hpp"
#include "scheduler/tuner/decimal.hpp"
#include "scheduler/tuner/json_value.hpp"

/// The spaces of studies: declared, or learned from what trials ask for.
namespace fabric::journal {

namespace {

/// The point at the same values in another space; nothing where that has no such point. Neither has
/// conditions.
std::optional<tuner::point> moved(const tuner::space& from, const tuner::point& where,
                                  const tuner::space& to) {
  tuner::point found;
  for (std::size_t i = 0; i < where.size(); ++i) {
    const auto at = to.coordinate_of(from.value_of(where, i), i);
    if (!at) return std::nullopt;
    found.push_back(*at);
  }
  return found;
}

/// Whether Optuna lets trials of a study ask for both: only ranges and steps may differ.
bool is_compatible(const tuner::parameter& a, const tuner::parameter& b) {
  if (a.over.index() != b.over.index() || std::holds_alternative<tuner::category>(a.over))
    return false;
  if (const auto* whole = std::get_if<tuner::int_range>(&a.over))
    return whole->log == std::get<tuner::int_range>(b.over).log;
  return std::get<tuner::float_range>(a.over).log == std::get<tuner::float_range>(b.over).log;
}

/// Whether Python finds one choice equal to another, as it does 1, 1.0 and true.
bool has_equals(const tuner::category& list) {
  std::set<double> seen;
  return std::ranges::any_of(list.choices, [&](const std::string& choice) {
    const auto word = choice == "true" ? "1" : choice == "false" ? "0" : choice;
    const auto number = tuner::parse_double(word);
    return number && !seen.insert(*number).second;
  });
}

/// Optuna's workers look a given value up among their own choices, and find no tuple by a list.
bool has_lists(const tuner::category& list) {
  return std::ranges::any_of(list.choices,
                             [](const auto& choice) { return tuner::has_array(choice); });
}

/// Why a worker cannot be told a value of the parameter; nothing where it can.
std::optional<std::string> why_not_served(const tuner::parameter& p) {
  if (const auto fits = store::check_storable(p); !fits) return fits.error().detail;
  const auto* list = std::get_if<tuner::category>(&p.over);
  const auto of_it = [&](const char* what) {
    return "the choices of parameter " + tuner::spelled_name(p.name) + what;
  };
  if (list != nullptr && has_lists(*list))
    return of_it(" have lists or tuples, which look alike in a storage and differ in Python");
  if (list != nullptr && has_equals(*list)) return of_it(" have numbers that are equal in Python");
  return std::nullopt;
}

/// "x=int(0,9), y=float(0,1)", shortened.
std::string shortened(const std::vector<tuner::parameter>& parameters) {
  constexpr std::size_t shown_max = 6;
  std::string text;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (i == shown_max) return text + ", ...";
    text += (i == 0 ? "" : ", ") + tuner::to_string(parameters[i]);
  }
  return text;
}

}  // namespace

void journal::declare(std::map<std::string, tuner::space> spaces) {
  for (auto& [name, over] : spaces) how_.spaces.insert_or_assign(name, std::move(over));
}

bool journal::differs_from(const std::map<std::string, tuner::space>& declared) const {
  return std::ranges::any_of(studies_, [&](const study& each) {
    const auto found = each.is_deleted ? declared.end() : declared.find(each.name);
    return found != declared.end() &&
           (!each.over || each.over->parameters() != found->second.parameters());
  });
}

void journal::use_space(study& in, tuner::space over) {
  in.over = std::move(over);
  in.points = std::make_unique<tuner::ledger>(*in.over, in.is_maximized.size());
  const tuner::sampler_setup how{&*in.over, how_.seed, trials_.size(), in.is_maximized.size()};
  auto chooser = tuner::make_sampler(how_.sampler, how);
  if (!chooser) chooser = tuner::make_sampler("random", how);
  in.chooser = std::move(*chooser);
}

/// The space that a finished trial shows.
void journal::learn(study& in, std::int64_t id) {
  std::vector<tuner::parameter> parameters;
  for (const auto& [name, value] : known(id).params) {
    auto parameter = store::parameter_of_distribution(name, value.second);
    if (!parameter) return leave_free(in, parameter.error().detail);
    if (const auto why = why_not_served(*parameter)) return leave_free(in, *why);
    parameters.push_back(std::move(*parameter));
  }
  auto over = tuner::space::make(std::move(parameters));
  if (!over) return leave_free(in, over.error().detail);
  use_space(in, std::move(*over));
  in.is_learned = true;
  for (const auto ended : std::exchange(in.ended, {})) settle(in, ended);
  const auto here = known(id).study;
  for (std::size_t i = 0; i < trials_.size(); ++i) {
    journal_entry unused;
    if (trials_[i].study == here && !is_over(trials_[i].state)) {
      lease(in, static_cast<std::int64_t>(i), unused);
    }
  }
}

/// From now on its trials come as their workers' samplers make them.
void journal::leave_free(study& in, const std::string& why) {
  if (std::exchange(in.is_free_form, true)) return;
  notices_.push_back("the points of study '" + in.name +
                     "' cannot be leased, so workers may "
                     "evaluate one twice: " +
                     why);
}

void journal::note_grid(study& in) {
  if (std::exchange(in.has_grid, true) || in.is_free_form) return;
  notices_.push_back("a script of study '" + in.name +
                     "' uses optuna's GridSampler, whose grid is "
                     "not followed here: each trial gets a point of the whole space; declare the "
                     "grid's values as the space, as with --param 'x=choice(1,3,5)'");
}

/// A script may ask for another range than trials before it, as Optuna lets it: a learned space
/// becomes that, a declared one stays.
void journal::follow(study& in, const std::string& name, const std::string& distribution) {
  if (std::exchange(in.shown[name], distribution) == distribution) return;
  const auto asked = store::parameter_of_distribution(name, distribution);
  if (asked) note_asked(in, name, *asked);
}

void journal::note_asked(study& in, const std::string& name, const tuner::parameter& asked) {
  auto parameters = in.over->parameters();
  auto& known = *std::ranges::find(parameters, name, &tuner::parameter::name);
  in.asked.erase(name);
  if (asked.over == known.over || !is_compatible(asked, known)) return;
  if (!in.is_learned) {
    in.asked.emplace(name, asked);
    return;
  }
  known.over = asked.over;
  auto over = tuner::space::make(std::move(parameters));
  if (over) move_to(in, std::move(*over));
}

/// The study goes on with other ranges, and with what its trials have shown so far.
void journal::move_to(study& in, tuner::space over) {
  const auto before = std::move(*in.over);
  use_space(in, std::move(over));
  for (const auto& each : std::exchange(in.lost, {})) {
    const auto where = moved(before, each, *in.over);
    if (!where || !in.points->is_free(*where)) continue;
    in.points->lease(*where, trials_.size());
    in.lost.push_back(*where);
  }
  std::vector<std::int64_t> ended;
  for (std::size_t i = 0; i < trials_.size(); ++i) {
    auto& t = trials_[i];
    if (&studies_[static_cast<std::size_t>(t.study)] != &in || t.is_lost) continue;
    if (t.where) t.where = moved(before, *t.where, *in.over);
    if (is_over(t.state)) ended.push_back(static_cast<std::int64_t>(i));
    if (!t.where || !in.points->is_free(*t.where)) {
      t.where.reset();
      continue;
    }
    in.points->lease(*t.where, i);
    in.chooser->started(i, *t.where);
  }
  for (const auto id : ended) settle(in, id);
  ++endings_;
}

fault journal::exhausted(const study& in) const {
  const auto size = in.over->size();
  auto parameters = in.over->parameters();
  const auto has = shortened(parameters);
  std::string asked;
  for (auto& each : parameters) {
    const auto found = in.asked.find(each.name);
    if (found == in.asked.end()) continue;
    each.over = found->second.over;
    asked += (asked.empty() ? "" : ", ") + tuner::to_string(each);
  }
  std::string command =
      "fabricd study create " + store::study_words(in.name, how_.storage) + " --load-if-exists";
  for (const bool towards : in.is_maximized) command += towards ? " --maximize" : " --minimize";
  if (asked.empty())
    command += " --param ...";
  else
    for (const auto& each : parameters)
      command += " --param " + store::shell_word(tuner::to_string(each));
  const std::string over = in.open > 0 ? "done or under way" : "done";
  return {fault_code::exhausted,
          (size == 1 ? "the one point of study '" + in.name + "' is " + over
                     : "all " + (size ? std::to_string(*size) + " " : std::string()) +
                           "points of study '" + in.name + "' are " + over) +
              ": its space is " + has + (asked.empty() ? "" : ", its workers ask for " + asked),
          asked.empty()
              ? "end the worker; where its script has another space, declare that: " + command
              : "end the worker, or declare the space anew: " + command};
}

}  // namespace fabric::journal
