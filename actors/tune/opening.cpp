#include "actors/tune/opening.hpp"

#include <algorithm>
#include <utility>

#include "actors/tune/sharing.hpp"
#include "actors/tune/step_batch.hpp"
#include "actors/tune/tuner_process.hpp"
#include "scheduler/tuner/space_change.hpp"

namespace fabric::actors {

namespace {

/// Makes the study, or checks that the one there is the one that is meant. Two tuners may come at
/// once: whoever makes it second finds it.
result<void> make_or_find(store::study_store& file, const tuner::study_settings& how,
                          const std::string& storage, bool load_if_exists) {
  auto known = file.study(how.name);
  if (!known && known.error().code != fault_code::not_found) return std::move(known).error();
  if (!known) {
    auto made = file.create(how);
    if (made || made.error().code != fault_code::key_conflict || !load_if_exists) return made;
    known = file.study(how.name);
    if (!known) return std::move(known).error();
  }
  if (!load_if_exists)
    return fault{fault_code::key_conflict, "the study '" + how.name + "' exists in " + storage,
                 "add --load-if-exists to go on with it, or choose another name"};
  return take_up(file, *known, how);
}

}  // namespace

result<void> take_up(store::study_store& file, const store::study_row& known,
                     const tuner::study_settings& how) {
  if (known.directions != how.directions)
    return fault{fault_code::usage,
                 "the study '" + how.name + "' was made to " + tuner::words_for(known.directions),
                 "keep its direction, or choose another name"};
  const auto& now = how.over.parameters();
  if (known.parameters == now) return {};
  if (!known.parameters.empty()) {
    if (auto fits = tuner::check_change(known.parameters, now); !fits) return fits;
    return file.redeclare(how.name, how.over);
  }
  // Optuna made it. Where its own trials disagree with each other, so may the space with them.
  const auto observed = file.observed_parameters(how.name);
  if (!observed && observed.error().code != fault_code::unsupported) return observed.error();
  if (observed)
    if (auto fits = tuner::check_change(*observed, now); !fits) return fits;
  return file.redeclare(how.name, how.over);
}

result<opened_study> open_study(const tuner::study_settings& how, const std::string& storage,
                                bool load_if_exists) {
  const auto& name = how.name;
  auto file = store::study_store::open(storage, store::study_store::mode::create);
  if (!file) return std::move(file).error();
  if (auto there = make_or_find(*file, how, storage, load_if_exists); !there)
    return std::move(there).error();
  auto uid = file->uid(name);
  if (!uid) return std::move(uid).error();
  auto self = own_mark();
  if (!self) return std::move(self).error();
  if (auto entered = enter_study(*file, name, *self, *self); !entered)
    return std::move(entered).error();
  auto rows = file->trials(name, how.over);
  if (!rows) return std::move(rows).error();
  std::map<tuner::trial_number, std::uint64_t> left_jobs;
  auto elsewhere = leave_to_others(*file, name, *self, *rows, left_jobs);
  if (!elsewhere) return std::move(elsewhere).error();
  const auto resumed = static_cast<std::uint64_t>(std::ranges::count_if(
      *rows, [](const tuner::trial& row) { return row.is_open() && !row.where.empty(); }));
  std::vector<tuner::trial_number> left_waiting;
  for (const auto& row : *rows)
    if (row.state == tuner::trial_state::waiting && row.where.empty())
      left_waiting.push_back(row.number);
  auto core = tuner::study::resume(how, std::move(*rows), *elsewhere);
  if (!core) return std::move(core).error();
  return opened_study{std::move(*file),       std::move(*core),     std::move(*uid),
                      std::move(*self),       std::move(left_jobs), resumed,
                      std::move(left_waiting)};
}

}  // namespace fabric::actors
