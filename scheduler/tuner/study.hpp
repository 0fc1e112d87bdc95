#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fabric/fault.hpp"
#include "fabric/instant.hpp"
#include "scheduler/tuner/pruners/pruner.hpp"
#include "scheduler/tuner/trial.hpp"

/// The tuner's core: one study, as a value. It owns the ledger of points (free, leased, done), the
/// sampler and the trial numbers. Duplicate suggestions cannot happen here, because a point is
/// leased by the same step that chooses it.
namespace fabric::tuner {

struct study_settings {
  std::string name;
  std::vector<direction> directions = {direction::minimize};  ///< one an objective
  space over;
  std::string sampler = "random";  ///< a name that `samplers()` lists
  std::string pruner = "none";     ///< as `make_pruner` reads it
  duplicates repeats = duplicates::never;
  /// New trials that this study proposes, cached answers among them; nothing: until exhausted. Rows
  /// that it resumed from do not count, neither finished ones nor RUNNING ones that are leased
  /// again, so `--trials 100` on a study of 40 makes it one of 140.
  std::optional<std::uint64_t> trials_max;
  /// A value that is good enough: once a feasible trial of any tuner has it or a better one,
  /// nothing new is handed out. For one objective.
  std::optional<double> until{};
  /// So many evaluations in a row, of any tuner, that end without a new best value: then nothing
  /// new is handed out. Counted from the last resume. For one objective.
  std::optional<std::uint64_t> patience{};
  std::uint32_t parallel = 1;  ///< leased points at most
  /// Vanished leases of one trial before it is FAIL. Counted from the last resume, because a tuner
  /// that restarts says nothing about the point.
  std::uint32_t attempts_max = 3;
  std::uint64_t seed = 0;
};

namespace study_event {
/// Hand out points, as many as are allowed now, but at most so many.
struct asked {
  std::uint32_t most = ~std::uint32_t{0};
};
/// From now on so many further new trials; nothing: no limit. What was `done` goes on.
struct limited {
  std::optional<std::uint64_t> more;
};
/// The evaluation is over, with either values or an error. Where it has both or neither, or not one
/// value an objective, or a number that is not finite, the trial fails and says so. One that was
/// told to stop is PRUNED with the value that it reported last, whatever it says at its end.
struct told {
  trial_number number = 0;
  std::uint32_t attempt = 1;
  std::vector<double> values;         ///< one an objective
  std::vector<double> constraints{};  ///< each is met where it is not above 0
  std::string error;                  ///< one line; for FAIL
  std::string node;
  std::string host;
  std::int64_t start_ms = 0;
  std::int64_t complete_ms = 0;
};
/// The evaluation of the one objective says how far it is, and waits for `answered` with the same
/// ticket. A report that
/// comes again is answered as before. A new run of the trial's task (its node was lost, or it
/// failed and is tried again) overrules what the one before it reported, from the step of its own
/// first report on.
struct reported {
  trial_number number = 0;
  std::uint32_t attempt = 1;
  std::string run;  ///< of the trial's task
  trial_report what;
  std::uint64_t ticket = 0;
};
/// The evaluation vanished without an answer (worker lost, lease over): the point is leased again
/// in the same step, unless it was told to stop. After a stop it is not; its row stays RUNNING for
/// a later resume. A stale attempt is ignored.
struct vanished {
  trial_number number = 0;
  std::uint32_t attempt = 1;
};
/// The store says that another tuner of the same study owns this proposal's point, so its
/// `evaluate` must not be carried out. Another point is proposed in the same step. Under `cached`
/// and with their finished trial the proposal is answered from it. A trial that another tuner
/// leased again before us is given up in the same way.
struct taken_elsewhere {
  trial_number number = 0;
  /// The trial that has the point: done where it is finished, else awaited as by `seen_elsewhere`.
  /// Nothing: the point is done, as far as we will ever know.
  std::optional<trial> theirs;
};
/// How a trial of another tuner of the same study stands in the store. While it is open its point
/// is *awaited*: it is nobody's to propose, and the space is not exhausted. Also says that a result
/// of ours was not recorded, because this one had the trial.
struct seen_elsewhere {
  trial theirs;
};
/// The tuner of this open trial is gone: the trial is ours, and the next to be handed out.
struct abandoned_elsewhere {
  trial theirs;
};
/// The store filed new trials under other numbers than they carried, because another tuner of the
/// same study had taken those: {ours, the store's}. From here on they have the store's number.
struct renumbered {
  std::vector<std::pair<trial_number, trial_number>> moves;
};
/// What the store made of a batch of rows, where it did not take them as they were. All at once,
/// because a number of one may be that of another before, and because the study must not end in
/// between.
struct rows_answered {
  renumbered numbers;
  std::vector<taken_elsewhere> taken;
  /// Trials whose results of ours were not recorded, as they stand in the store: another tuner had
  /// taken them over. A `done` of that batch is void; another one follows.
  std::vector<trial> unrecorded;
};
/// No further points are to be handed out (Ctrl-C, --timeout); leased ones may still end.
struct stop_requested {};
}  // namespace study_event

namespace study_command {
/// Store this row before anything else of the step (insert where new, else update).
struct persist {
  trial row;
  bool is_new = false;
  bool unique_point = true;  ///< false under duplicates::allow and for cached answers
};
/// Store this report before anything else of the step, and before its rows.
struct persist_report {
  trial_number number = 0;
  std::string key;
  std::uint32_t attempt = 1;
  trial_report what;
  std::string run;
  bool is_first_of_run = false;  ///< reports from that step on are void
  bool is_told_to_stop = false;
};
/// Tell the evaluation that reported. Faults: stale_attempt (it is over, or not this one's), usage
/// (no number, no step, or several objectives), key_conflict (the step has another value),
/// too_large (too many).
struct answered {
  std::uint64_t ticket = 0;
  result<verdict> what;
};
/// Evaluate it.
struct evaluate {
  trial_number number = 0;
  std::uint32_t attempt = 1;
  point where;
  bool is_again = false;  ///< its point was handed out before: to it, or to one that failed
};
/// The told result is not recorded: the trial is finished or a newer attempt has the point.
struct refused {
  trial_number number = 0;
  std::uint32_t attempt = 1;
  std::string why;
};
/// The value is reached, or the patience over: no further points are handed out. What nobody
/// evaluates yet may be taken back by `vanished`.
struct winding_up {};
/// This trial is over (for progress output). It follows the trial's last `persist`.
struct finished {
  trial row;
};
/// Nothing is leased or awaited and nothing more will be handed out; with all but `exhausted`
/// others may still have points. Comes once, and again after unrecorded results.
struct done {
  enum class reason : std::uint8_t {
    exhausted,
    trials_reached,
    value_reached,
    no_improvement,
    stopped
  } because;
};
}  // namespace study_command

using study_event_type =
    std::variant<study_event::asked, study_event::limited, study_event::told, study_event::reported,
                 study_event::vanished, study_event::taken_elsewhere, study_event::seen_elsewhere,
                 study_event::abandoned_elsewhere, study_event::renumbered,
                 study_event::rows_answered, study_event::stop_requested>;
using study_command_type =
    std::variant<study_command::persist, study_command::persist_report, study_command::answered,
                 study_command::evaluate, study_command::refused, study_command::winding_up,
                 study_command::finished, study_command::done>;

struct study_counts {
  std::uint64_t leased = 0;    ///< being evaluated now
  std::uint64_t waiting = 0;   ///< trials that will be answered from a running one
  std::uint64_t complete = 0;  ///< evaluated to a value, resumed rows among them
  std::uint64_t pruned = 0;
  std::uint64_t failed = 0;
  std::uint64_t cached = 0;             ///< duplicates answered from an earlier trial
  std::uint64_t refused = 0;            ///< late or stale tells
  std::uint64_t released = 0;           ///< leases that vanished and were given out again
  std::uint64_t awaited = 0;            ///< open trials of other tuners
  std::uint64_t by_others = 0;          ///< trials that other tuners finished meanwhile
  std::optional<std::uint64_t> free{};  ///< points left, in a finite space
};

class study {
 public:
  /// Faults: usage (no parameter or objective, unknown sampler or pruner, one that cannot serve the
  /// space or the objectives, a goal or a pruner for several objectives, parallel 0, attempts_max
  /// 0).
  static result<study> make(study_settings how);

  /// Goes on from stored rows. Those without a point, which lie outside the space, are passed over:
  /// they keep their numbers and nothing else counts. COMPLETE and PRUNED points are done; FAIL
  /// points too (a failed point is not tried again unless enqueued); RUNNING ones are handed out
  /// again first, with their number and attempt + 1, but for those that were told to stop, which
  /// are PRUNED at once; WAITING ones too, with attempt 1. Until then a result of their last
  /// attempt is still accepted. A RUNNING row whose point another row owns is answered from that
  /// one, unless points may be repeated. Trials `elsewhere` are other tuners' and open; they are
  /// awaited. Faults: those of `make`; usage where a row does not lie in the space or two rows have
  /// one number.
  static result<study> resume(study_settings how, std::vector<trial> rows,
                              const std::vector<trial>& elsewhere = {});

  ~study();
  study(study&&) noexcept;
  study& operator=(study&&) noexcept;

  /// Answers at once with all that follows from the event. New points are handed out by `asked` and
  /// `taken_elsewhere` only. Costs are logarithmic in `parallel` and do not grow with the trials,
  /// but with the best ones where there are several objectives.
  std::vector<study_command_type> step(const study_event_type& what, std::int64_t wall_ms);

  [[nodiscard]] const study_settings& how() const;
  [[nodiscard]] study_counts count() const;
  /// The best trial of one objective; nothing where there is none, or several objectives. Good
  /// until the next step.
  [[nodiscard]] const trial* best() const;
  /// The best trials by number, of any number of objectives: see `best_trials`.
  [[nodiscard]] const std::vector<trial>& front() const;
  /// The open trials of other tuners: whoever asks the store about them sends `seen_elsewhere`.
  [[nodiscard]] std::vector<trial_number> awaited() const;
  /// Whether this open trial ends as PRUNED, however its evaluation ends.
  [[nodiscard]] bool is_told_to_stop(trial_number n) const;
  /// Recounts everything; empty when all is well.
  [[nodiscard]] std::string broken_invariant() const;

 private:
  struct book;
  explicit study(std::unique_ptr<book> b);
  std::unique_ptr<book> book_;
};

}  // namespace fabric::tuner
