#include "actors/tune/looking.hpp"

#include <utility>

#include "actors/store/local_time.hpp"
#include "actors/tune/step_batch.hpp"
#include "actors/tune/tuner_process.hpp"

namespace fabric::actors {

result<look_around> look(store::study_store& file, const std::string& study,
                         const tuner::space& over, const std::vector<tuner::trial_number>& awaited,
                         bool also_enqueued) {
  look_around found{.study = file.words_for(study)};
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

std::vector<std::string> waits_for(const look_around& found, const store::tuner_mark& self) {
  constexpr std::size_t told_max = 3;
  std::vector<std::string> lines;
  for (const auto& each : found.awaited) {
    if (!each.row.is_open() || !each.by || has_ended(each.by->who, self)) continue;
    if (lines.size() == told_max) break;
    const auto& who = each.by->who;
    const auto trial = tuner::named(each.row.number);
    const std::string elsewhere = who.place == self.place ? "" : " of another machine or container";
    if (who.place == store::asked_place) {
      constexpr std::size_t whole_seconds = 19;
      const auto until = store::local_time_text(who.started).value_or("");
      lines.push_back(trial + " is with whoever had it from `fabricd study ask`, until " +
                      until.substr(0, whole_seconds) + "; `fabricd study tell " + found.study +
                      " " + std::to_string(each.row.number) +
                      " --value V` (or --failed WHY) ends it");
    } else if (store::is_server(who)) {
      lines.push_back(trial + " is with a worker of `fabricd study serve` (process id " +
                      std::to_string(who.pid) + elsewhere +
                      "); it is given back once that worker is silent, or the server ends");
    } else {
      lines.push_back(trial + " is with the tuner with process id " + std::to_string(who.pid) +
                      elsewhere + "; it is taken over once that has ended");
    }
  }
  return lines;
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
    if (!each.row.is_open()) {
      events.emplace_back(tuner::study_event::seen_elsewhere{std::move(each.row)});
    } else if (!each.by || has_ended(each.by->who, self) || others.is_silent(*each.by, now)) {
      if (each.by && each.by->job != 0) left_jobs[each.row.number] = each.by->job;
      events.emplace_back(tuner::study_event::abandoned_elsewhere{std::move(each.row)});
    }
  }
  return events.size() != before;
}

}  // namespace fabric::actors
