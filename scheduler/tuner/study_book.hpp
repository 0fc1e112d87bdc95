#pragma once

#include <deque>
#include <map>

#include "scheduler/tuner/best_trials.hpp"
#include "scheduler/tuner/ledger.hpp"
#include "scheduler/tuner/samplers/sampler.hpp"
#include "scheduler/tuner/study.hpp"
#include "scheduler/tuner/trial_numbers.hpp"

namespace fabric::tuner {

/// Repeats that a cached study accepts one after the other; then it takes a free point, so that a
/// step stays short and the last points of a space are found.
inline constexpr int repeats_in_a_row_max = 100;

/// A trial that is not over.
struct open_trial {
  enum class place : std::uint8_t {
    handed_out,  ///< being evaluated
    held,        ///< leased to nobody yet: resumed, or vanished after a stop
    waiting,     ///< will be answered from the trial `twin`
  };

  point where;
  place at = place::held;
  std::uint32_t attempt = 0;  ///< the latest one that was handed out
  std::uint32_t vanished = 0;
  bool is_resumed = false;
  std::uint64_t age = 0;  ///< as the sampler knows it
  std::int64_t start_ms = 0;
  trial_number twin = 0;
  std::map<std::string, std::string> user_attrs{};
  std::optional<history> reports{};  ///< once it has reported
  std::string run{};                 ///< that reported last
  bool is_told_to_stop = false;
};

/// An open trial of another tuner.
struct awaited_trial {
  point where;
  std::uint64_t age = 0;  ///< as the sampler knows it
};

/// How a trial ended.
struct ending {
  trial_state state = trial_state::complete;
  finding found{};                     ///< where COMPLETE
  std::optional<double> last_value{};  ///< where PRUNED: what it reported last, if that is a number
  std::string error{};                 ///< one line; empty unless FAIL
  std::string node{};
  std::string host{};
  std::int64_t start_ms = 0;  ///< 0: as noted at the lease
  std::int64_t complete_ms = 0;
};

enum class storing : std::uint8_t { insert, update };

/// The state of a study. Finished trials leave nothing here but their point in the ledger, so
/// memory grows by that alone.
///
/// Invariants: a point in the ledger has as many leases as there are open trials on it that do not
/// wait; an awaited point is done in the ledger and has no value; `handed_out` counts those being
/// evaluated and is at most `parallel`; where points may not be repeated no two open trials, but
/// for waiting ones, share a point.
struct study::book {
  explicit book(study_settings settings)
      : how(std::move(settings)), points(how.over, how.directions.size()), best(how.directions) {}

  study_settings how;
  ledger points;
  std::unique_ptr<sampler> chooser{};
  std::unique_ptr<pruner> judge{};  ///< none: nothing is stopped
  trial_numbers numbers{};
  std::map<trial_number, open_trial> open{};
  std::map<trial_number, std::vector<trial_number>> waiters{};  ///< by the twin that they wait for
  std::map<trial_number, awaited_trial> awaited{};
  std::deque<trial_number> held{};  ///< resumed, in the order in which they are handed out
  /// Points of lost workers of others, proposed before any that the sampler chooses.
  std::deque<point> given_back{};
  best_trials best;
  study_counts counts{};
  std::uint64_t proposals = 0;  ///< new trials so far
  std::uint64_t ages = 0;
  bool is_dry = false;  ///< the sampler has no point left
  bool is_stopping = false;
  study_command::done::reason stops_because = study_command::done::reason::stopped;
  std::uint64_t since_best = 0;  ///< evaluations that ended since the best one did
  bool is_concluded = false;
  std::int64_t now_ms = 0;                     ///< of this step
  std::vector<study_command_type> commands{};  ///< of this step

  void on(const study_event::asked& e) { hand_out(e.most); }
  void on(const study_event::limited& e);
  void on(const study_event::told& e);
  void on(const study_event::reported& e);
  void on(const study_event::vanished& e);
  void on(const study_event::taken_elsewhere& e) { on(study_event::rows_answered{{}, {e}, {}}); }
  void on(const study_event::seen_elsewhere& e);
  void on(const study_event::abandoned_elsewhere& e);
  void on(const study_event::renumbered& e) { on(study_event::rows_answered{e, {}, {}}); }
  void on(const study_event::rows_answered& e);
  void on(const study_event::stop_requested&) { is_stopping = true; }

  // Handing out (study_lease.cpp).
  void hand_out(std::uint32_t most = ~std::uint32_t{0});
  [[nodiscard]] bool may_propose() const;
  [[nodiscard]] bool has_given_back() const;
  bool hand_out_held();
  std::optional<point> take_given_back();
  bool propose();
  void lease_new(point where);
  void answer_repeat(point where, trial_number twin, finding of_twin);
  void wait_for_twin(trial_number n, open_trial t);
  void lease_again(trial_number n, open_trial& t);
  void conclude();

  // Ending (study_end.cpp).
  [[nodiscard]] ending ending_of(const study_event::told& e) const;
  void finish(trial_number n, ending how_ended);
  void answer_waiters(trial_number twin, trial_number owner, const ending& how_ended);
  void answer(trial_number n, const open_trial& t, const ending& how_ended, storing by);
  [[nodiscard]] bool is_good_enough() const;
  void note_evaluation(const trial& row);
  void wind_up(study_command::done::reason because);
  void refuse(trial_number n, std::uint32_t attempt, std::string why);
  /// What a stored trial found: values only where it is COMPLETE and has one an objective.
  [[nodiscard]] finding finding_of(const trial& row) const;
  /// `reports`: what the trial reported, where it did.
  [[nodiscard]] outcome outcome_of(trial_state state, const finding& found,
                                   const history* reports = nullptr) const;
  /// Of the first objective: what reports and goals are about.
  [[nodiscard]] double loss_of(double value) const {
    return how.directions.front() == direction::maximize ? -value : value;
  }

  // What trials report (study_report.cpp).
  [[nodiscard]] std::optional<fault> wrong_with(const study_event::reported& e) const;
  void add_report(trial_number n, open_trial& t, const study_event::reported& e);
  void pruned_by(open_trial& t, ending& how_ended) const;
  [[nodiscard]] std::vector<trial_report> reports_of(const open_trial& t) const;
  void judge_again(const trial& row, history& reports);
  void ended_before_judge(trial_number n, const history* reports, trial_state state,
                          const finding& found);
  void judge_elsewhere(const trial& theirs);

  [[nodiscard]] trial row_of(trial_number n, const open_trial& t) const;

  // Other tuners (study_elsewhere.cpp).
  [[nodiscard]] ending ending_of(const std::optional<trial>& theirs) const;
  using moves = std::map<trial_number, trial_number>;
  void rename(const moves& by);
  void lose(trial_number n, const study_event::taken_elsewhere& e);
  void repeat(trial_number n, open_trial t, const trial& twin);
  [[nodiscard]] bool speaks_for_its_point(const trial& theirs) const;
  void note_elsewhere(const trial& theirs);
  void await(const trial& theirs);
  void note_end_elsewhere(const trial& theirs);
  void note_given_back(const trial& theirs);
  void pass_waiters_on(trial_number from, trial_number to);

  // Resuming (study_resume.cpp).
  result<void> adopt(std::vector<trial> rows, const std::vector<trial>& elsewhere);
  void adopt_finished(const trial& row);
  void adopt_open(trial row);
  void hold(trial_number n, open_trial t);
};

}  // namespace fabric::tuner
