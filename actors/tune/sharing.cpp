#include "actors/tune/sharing.hpp"

#include <set>
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
  std::vector<tuner::trial> elsewhere;
  std::set<tuner::trial_number> taken;
  for (const auto& row : rows) {
    const auto by = holders->find(row.number);
    if (row.state != tuner::trial_state::running || by == holders->end()) continue;
    const bool is_ours = has_ended(by->second.who, own);
    if (is_ours && by->second.job != 0) left_jobs[row.number] = by->second.job;
    if (!is_ours) taken.insert(row.number);
    if (!is_ours) elsewhere.push_back(row);
  }
  // Those that stay are moved only where one goes: there may be many.
  if (!taken.empty())
    std::erase_if(rows, [&](const tuner::trial& row) {
      return row.state == tuner::trial_state::running && taken.contains(row.number);
    });
  return elsewhere;
}

}  // namespace fabric::actors
