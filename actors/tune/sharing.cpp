#include "actors/tune/sharing.hpp"

#include <utility>

#include "actors/tune/tuner_process.hpp"

namespace fabric::actors {

result<void> enter_study(store::study_store& file, const std::string& study,
                         const store::tuner_mark& self, const store::tuner_mark& own) {
  auto known = file.tuners(study);
  if (!known) return std::move(known).error();
  std::erase_if(*known, [&](const auto& who) { return !has_ended(who, own); });
  return file.enter(study, self, *known);
}

result<std::vector<tuner::trial>> leave_to_others(
    store::study_store& file, const std::string& study, const store::tuner_mark& own,
    std::vector<tuner::trial>& rows, std::map<tuner::trial_number, std::uint64_t>& left_jobs) {
  auto holders = file.holders(study);
  if (!holders) return std::move(holders).error();
  std::vector<tuner::trial> kept;
  std::vector<tuner::trial> elsewhere;
  for (auto& row : rows) {
    const auto by = holders->find(row.number);
    const bool is_held = row.state == tuner::trial_state::running && by != holders->end();
    const bool is_ours = !is_held || has_ended(by->second.who, own);
    if (is_held && is_ours && by->second.job != 0) left_jobs[row.number] = by->second.job;
    (is_ours ? kept : elsewhere).push_back(std::move(row));
  }
  rows = std::move(kept);
  return elsewhere;
}

}  // namespace fabric::actors
