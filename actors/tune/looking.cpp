#include "actors/tune/looking.hpp"

#include <utility>

#include "actors/tune/step_batch.hpp"
#include "actors/tune/tuner_process.hpp"

namespace fabric::actors {

result<look_around> look(store::study_store& file, const std::string& study,
                         const tuner::space& over, const std::vector<tuner::trial_number>& awaited,
                         bool also_enqueued) {
  look_around found;
  if (!awaited.empty()) {
    auto held = file.look_up(study, over, awaited);
    if (!held) return std::move(held).error();
    found.awaited = std::move(*held);
  }
  if (also_enqueued) {
    auto rows = file.enqueued(study, over);
    if (!rows) return std::move(rows).error();
    found.enqueued = std::move(*rows);
  }
  return found;
}

bool tell_study(look_around found, const store::tuner_mark& self, tuner_watch& others, instant now,
                std::deque<tuner::study_event_type>& events,
                std::map<tuner::trial_number, std::uint64_t>& left_jobs) {
  const auto before = events.size();
  // Before anything new is proposed, whose number may be that of an enqueued one until it is
  // stored.
  auto& enqueued = found.enqueued;
  for (auto row = enqueued.rbegin(); row != enqueued.rend(); ++row)
    events.emplace_front(tuner::study_event::abandoned_elsewhere{std::move(*row)});
  for (auto& each : found.awaited) {
    if (!is_open(each.row)) {
      events.emplace_back(tuner::study_event::seen_elsewhere{std::move(each.row)});
    } else if (!each.by || has_ended(each.by->who, self) || others.is_silent(*each.by, now)) {
      if (each.by && each.by->job != 0) left_jobs[each.row.number] = each.by->job;
      events.emplace_back(tuner::study_event::abandoned_elsewhere{std::move(each.row)});
    }
  }
  return events.size() != before;
}

}  // namespace fabric::actors
