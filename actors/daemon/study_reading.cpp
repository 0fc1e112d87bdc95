#include "actors/daemon/study_reading.hpp"

#include "actors/daemon/storage_choice.hpp"
#include "actors/tune/point_words.hpp"

namespace fabric::daemon {

result<study_read> read_study(const std::string& storage, const std::string& name) {
  auto file = open_storage(storage, store::study_store::mode::read_only);
  if (!file) return std::move(file).error();
  auto row = file->study(name);
  if (!row) return std::move(row).error();
  const bool is_declared = !row->parameters.empty();
  if (!is_declared) {
    auto observed = file->observed_parameters(name);
    if (!observed) return std::move(observed).error();
    row->parameters = std::move(*observed);
  }
  study_read made{.row = std::move(*row), .is_declared = is_declared};
  if (!made.row.parameters.empty()) {
    auto over = tuner::space::make(made.row.parameters);
    if (!over) return std::move(over).error();
    made.over = std::move(*over);
  }
  auto trials = file->trials(name, made.over);
  if (!trials) return std::move(trials).error();
  made.trials = std::move(*trials);
  auto noted = file->attributes(name);
  if (!noted) return std::move(noted).error();
  made.user_attrs = std::move(*noted);
  return made;
}

tuner::best_trials best_of(const study_read& study) {
  tuner::best_trials best(study.row.directions);
  for (const auto& row : study.trials) best.add(row);
  return best;
}

void add_partial_points(study_read& to) {
  if (to.is_declared) return;
  const auto& all = to.over.parameters();
  for (auto& row : to.trials) {
    if (row.outside.empty()) continue;
    row.where.assign(all.size(), tuner::inactive);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto found = row.outside.find(all[i].name);
      if (found == row.outside.end()) continue;
      if (const auto at = actors::coordinate_in(to.over, i, found->second)) row.where[i] = *at;
    }
  }
}

plots::subject subject_of(const study_read& study, std::size_t objective) {
  return {.name = study.row.name,
          .towards = study.row.directions,
          .over = &study.over,
          .trials = study.trials,
          .objective = objective};
}

json to_json(const store::study_row& row) {
  json parameters = json::array();
  for (const auto& parameter : row.parameters) parameters.push_back(to_string(parameter));
  json directions = json::array();
  for (const auto each : row.directions) directions.push_back(name_of(each));
  const bool is_one = row.directions.size() == 1;
  return {{"name", row.name},
          {"direction", is_one ? json(name_of(row.directions.front())) : json(nullptr)},
          {"directions", std::move(directions)},
          {"params", std::move(parameters)},
          {"trials", row.trials},
          {"complete", row.complete},
          {"best_value", row.best ? json(*row.best) : json(nullptr)},
          {"front", row.front ? json(*row.front) : json(nullptr)}};
}

}  // namespace fabric::daemon
