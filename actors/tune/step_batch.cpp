#include "actors/tune/step_batch.hpp"

#include <utility>

namespace fabric::actors {

namespace {

namespace orders = tuner::study_command;

/// The trial that kept a row out of the file.
result<std::optional<tuner::trial>> holder_of(store::study_store& file, const std::string& study,
                                              const tuner::space& over,
                                              const store::study_store::change& what) {
  auto owner = what.unique_point ? file.owner(study, over, what.row.key)
                                 : result<std::optional<tuner::trial>>{std::nullopt};
  if (!owner || *owner) return owner;
  const std::vector<tuner::trial_number> number = {what.row.number};
  auto found = file.look_up(study, over, number);
  if (!found) return found.error();
  for (auto& each : *found)
    if (each.row.where == what.row.where) return std::optional(std::move(each.row));
  return std::optional<tuner::trial>();
}

}  // namespace

void step_batch::add(std::vector<tuner::study_command_type> step) {
  for (auto& command : step) {
    if (auto* row = std::get_if<orders::persist>(&command))
      rows.push_back({std::move(row->row), row->is_new, row->unique_point});
    else if (auto* report = std::get_if<orders::persist_report>(&command))
      reports.push_back(std::move(*report));
    else
      commands.push_back(std::move(command));
  }
}

result<batch_answer> write_batch(store::study_store& file, const std::string& study,
                                 const tuner::space& over,
                                 const std::vector<store::study_store::change>& rows,
                                 const std::vector<store::study_store::report>& reports) {
  auto stored = file.apply(study, over, rows, reports);
  if (!stored) return stored.error();
  batch_answer answer{std::move(*stored), {}};
  answer.theirs.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (answer.rows.outcomes.at(i) == store::study_store::outcome::stored) continue;
    auto theirs = holder_of(file, study, over, rows[i]);
    if (!theirs) return theirs.error();
    answer.theirs[i] = std::move(*theirs);
  }
  return answer;
}

batch_verdict verdict_on(const step_batch& done, batch_answer& answer) {
  batch_verdict made;
  const auto& rows = done.rows;
  for (std::size_t i = 0; i < done.reports.size(); ++i)
    if (answer.rows.reports.at(i) == store::study_store::outcome::conflict)
      made.reported_in_vain.insert(done.reports[i].number);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i].row;
    const auto stored_as = answer.rows.numbers.at(i);
    if (answer.rows.outcomes.at(i) == store::study_store::outcome::stored) {
      if (rows[i].is_new && stored_as != row.number) made.moved.emplace(row.number, stored_as);
      continue;
    }
    made.not_ours.insert(row.number);
    if (row.is_open())
      made.news.taken.push_back({row.number, std::move(answer.theirs[i])});
    else if (answer.theirs[i])
      made.news.unrecorded.push_back(std::move(*answer.theirs[i]));
  }
  made.news.numbers.moves.assign(made.moved.begin(), made.moved.end());
  return made;
}

}  // namespace fabric::actors
