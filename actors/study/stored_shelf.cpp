#include <utility>

#include "actors/study/study_shelf.hpp"
#include "actors/tune/looking.hpp"
#include "actors/tune/point_desk.hpp"
#include "actors/tune/tuner_watch.hpp"

namespace fabric::actors {

namespace {

class stored_shelf final : public study_shelf {
 public:
  stored_shelf(tuner::study_settings how, store::study_store file, store::tuner_mark self)
      : how_(std::move(how)), file_(std::move(file)), self_(std::move(self)) {}

  ~stored_shelf() override {
    // Where it fails, the mark of a process that has ended says the same.
    static_cast<void>(file_.leave());
  }

  result<batch_answer> write(const step_batch& batch) override {
    return write_batch(file_, how_.name, how_.over, batch.rows, batch.reports);
  }

  result<std::vector<tuner::trial>> trials() override { return file_.trials(how_.name, how_.over); }

  result<tuner::trial_number> enqueue(const tuner::point& where,
                                      std::deque<tuner::study_event_type>& events) override {
    auto number = enqueue_point(file_, how_, where);
    if (!number) return number;
    auto rows = file_.enqueued(how_.name, how_.over);
    if (!rows) return std::move(rows).error();
    tell_study({{}, std::move(*rows)}, self_, others_, instant{}, events, left_jobs_);
    return number;
  }

  result<void> look(instant now, const std::vector<tuner::trial_number>& awaited,
                    std::deque<tuner::study_event_type>& events) override {
    const bool beats = now >= next_beat_;
    if (!beats && awaited.empty()) return {};
    if (beats) {
      next_beat_ = now + beat_period;
      if (auto beaten = file_.beat(); !beaten) return beaten;
    }
    auto found = actors::look(file_, how_.name, how_.over, awaited, beats);
    if (!found) return std::move(found).error();
    tell_study(std::move(*found), self_, others_, now, events, left_jobs_);
    return {};
  }

  [[nodiscard]] duration period() const override { return std::chrono::seconds{1}; }

 private:
  const tuner::study_settings how_;
  store::study_store file_;
  const store::tuner_mark self_;
  tuner_watch others_;
  instant next_beat_{};
  std::map<tuner::trial_number, std::uint64_t> left_jobs_;  // nobody here runs jobs
};

}  // namespace

std::unique_ptr<study_shelf> make_stored_shelf(tuner::study_settings how, store::study_store file,
                                               store::tuner_mark self) {
  return std::make_unique<stored_shelf>(std::move(how), std::move(file), std::move(self));
}

}  // namespace fabric::actors
