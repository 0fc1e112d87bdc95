#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "actors/study/study_shelf.hpp"

namespace fabric::actors {

/// Owns a study: one thread takes messages (asked, told, reported ...), steps the core, stores what
/// that says, and answers. All that has come meanwhile is one batch, one transaction. Members may
/// be called from any thread; those with a result wait for it, and for what they changed to be
/// stored.
class study_desk {
 public:
  using reason = tuner::study_command::done::reason;
  struct leased {
    tuner::trial_number number = 0;
    std::uint32_t attempt = 1;
    tuner::point where;
  };

  /// Faults: those of `open_study`.
  static result<std::shared_ptr<study_desk>> open(tuner::study_settings how,
                                                  const std::string& storage, bool load_if_exists);
  ~study_desk();
  study_desk(const study_desk&) = delete;
  study_desk& operator=(const study_desk&) = delete;

  /// Of all studies of this process.
  [[nodiscard]] const std::string& topic() const { return topic_; }
  [[nodiscard]] const tuner::study_settings& how() const { return how_; }

  /// Nothing where there is no point now. Faults: the store's, which end the study.
  result<std::optional<leased>> ask();
  /// The row as stored. Faults: stale_attempt, the store's.
  result<tuner::trial> tell(tuner::study_event::told what);
  result<void> give_back(tuner::trial_number number, std::uint32_t attempt);
  /// Does not wait: `done` is called on the study's thread. Faults: those of
  /// `study_command::answered`.
  void report(tuner::trial_number number, std::uint32_t attempt, std::string run,
              tuner::trial_report what, std::function<void(result<tuner::verdict>)> done);
  /// Faults: duplicate_params, the store's.
  result<tuner::trial_number> enqueue(tuner::point where);
  /// So many new trials from now on, as `study_event::limited`.
  result<void> limit(std::optional<std::uint64_t> more);
  void stop();

  [[nodiscard]] std::optional<reason> over() const;
  /// The best trials, as the core has them.
  [[nodiscard]] result<std::vector<tuner::trial>> front();
  [[nodiscard]] result<std::vector<tuner::trial>> trials();

 private:
  study_desk(tuner::study core, std::unique_ptr<study_shelf> shelf);

  template <class T>
  using promised = std::shared_ptr<std::promise<result<T>>>;
  /// Runs it on the study's thread.
  void post(std::function<void()> what);
  template <class T, class Fn>
  result<T> wait_for(Fn begin);

  // On the study's thread.
  void run();
  void look();
  void advance();
  void settle(step_batch& batch);
  void perform(tuner::study_command::persist&, const batch_verdict&) {}
  void perform(tuner::study_command::persist_report&, const batch_verdict&) {}
  void perform(tuner::study_command::answered& what, const batch_verdict& found);
  void perform(tuner::study_command::evaluate& what, const batch_verdict& found);
  void perform(tuner::study_command::refused& what, const batch_verdict& found);
  void perform(tuner::study_command::winding_up&, const batch_verdict&) {}
  void perform(tuner::study_command::finished& what, const batch_verdict& found);
  void perform(tuner::study_command::done& what, const batch_verdict& found);
  void answer_askers();
  void give_up(const fault& why);

  const tuner::study_settings how_;
  const std::string topic_;

  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<std::function<void()>> inbox_;
  bool ends_ = false;

  std::atomic<int> over_{-1};  // a reason

  // The study's thread's.
  tuner::study core_;
  std::unique_ptr<study_shelf> shelf_;
  std::deque<tuner::study_event_type> events_;
  std::deque<promised<std::optional<leased>>> askers_;
  std::deque<leased> ready_;  // given back, for the next asker
  std::multimap<tuner::trial_number, promised<tuner::trial>> tellers_;
  struct reporter {
    tuner::trial_number trial = 0;
    std::function<void(result<tuner::verdict>)> done;
  };
  std::map<std::uint64_t, reporter> reporters_;
  std::uint64_t tickets_ = 0;
  std::optional<fault> broken_;  // the store failed: nothing more is done
  instant next_look_{};

  std::thread thread_;
};

}  // namespace fabric::actors
