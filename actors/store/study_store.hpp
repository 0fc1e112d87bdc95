#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/store/patience.hpp"
#include "fabric/result.hpp"
#include "scheduler/tuner/study.hpp"

namespace fabric::store {

/// Settings and times of a stored study.
struct study_row {
  std::string name;
  std::vector<tuner::direction> directions;  ///< one an objective
  std::vector<tuner::parameter> parameters;  ///< empty for a study whose space was never declared
  std::uint64_t trials = 0;
  std::uint64_t complete = 0;
  std::optional<double> best;          ///< value of a feasible trial; of one objective
  std::optional<std::uint64_t> front;  ///< of several objectives: trials that none beats in all
};

/// A tuner, as others of the same study know it. Also whoever asked for a single point, without a
/// process that lives: then `place` is `asked_place`, and `started` when the lease ends, in
/// milliseconds since 1970.
struct tuner_mark {
  std::string id;     ///< 32 hexadecimal digits that no other tuner ever has
  std::string place;  ///< the boot and the process namespace that `pid` belongs to
  std::int64_t pid = 0;
  std::int64_t started = 0;  ///< when that process began, in the kernel's ticks since its boot

  bool operator==(const tuner_mark&) const = default;
};

inline constexpr std::string_view asked_place = "asked";

/// How ids of tuners begin that serve a study to Optuna's workers: one for each study.
inline constexpr std::string_view server_prefix = "served-";
inline bool is_server(const tuner_mark& who) { return who.id.starts_with(server_prefix); }

/// How often a tuner shows in the study's file that it lives.
inline constexpr auto beat_period = std::chrono::seconds{5};

/// Who evaluates an open trial.
struct trial_holder {
  tuner_mark who;
  std::int64_t beat = 0;  ///< rises while the tuner lives
  std::uint64_t job = 0;  ///< of the trial's task, in the tuner's cluster; 0: not known
};

/// A trial and its holder; no holder where the trial is over or its tuner has left it behind.
struct held_trial {
  tuner::trial row;
  std::optional<trial_holder> by;
};

/// JSON texts by key.
using attributes_type = std::map<std::string, std::string>;

/// Studies in Optuna's own schema (schema 12, alembic v3.0.0.d) with tables of
/// ours beside it: `fabric_study` (settings), `fabric_parameter` (the space) and `fabric_point`
/// (study, canonical key, trial, attempt, node; UNIQUE(study, key)), which holds the promise that
/// no point is recorded twice, whoever writes. Files that Optuna 3.0 to 5.0 made open too; ours are
/// added to them with the first change.
///
/// Opened by "sqlite:///relative.db", "sqlite:////absolute.db" or "postgresql://user@host/database"
/// as in SQLAlchemy. Several processes may have one storage open. A PostgreSQL that is restarted is
/// waited for, and what it was doing is done once. All calls from one thread at a time. Faults:
/// usage (bad URL), not_found, bad_message (a file of another program), version, store_full,
/// store_failed, store_locked (busy for over 5 s, in PostgreSQL 30 s; nothing was stored), config
/// (network filesystem), unreachable, auth_failed, forbidden (PostgreSQL).
class study_store {
 public:
  enum class mode : std::uint8_t { read_only, read_write, create };

  static result<study_store> open(std::string_view url, mode how);
  ~study_store();
  study_store(study_store&&) noexcept;
  study_store& operator=(study_store&&) noexcept;

  /// How a server that is away, or a file that another program has locked, is waited for from now
  /// on: a server for a minute and a file for 5 s, where nothing is said. With a patience that goes
  /// on longer a file is waited for as long.
  void wait_by(const patience& how);

  /// "NAME --storage URL" as a command line takes it, without a password: for hints.
  [[nodiscard]] std::string words_for(std::string_view study) const;

  result<std::vector<study_row>> studies();
  /// Faults: not_found, naming the study and those that exist.
  result<study_row> study(std::string_view name);
  /// Faults: key_conflict where the name exists.
  result<void> create(const tuner::study_settings& what);
  result<void> remove(std::string_view name);

  /// 32 hexadecimal digits that name this study and no other, also after it was deleted and made
  /// anew under its old name. Made at the first call. Faults: not_found.
  result<std::string> uid(std::string_view study);

  /// Declares another space. Faults: not_found, usage (a value that a file cannot hold).
  result<void> redeclare(std::string_view study, const tuner::space& over);

  /// What the study was created with; nothing where Optuna created it. Faults: not_found.
  result<std::optional<tuner::study_settings>> settings(std::string_view study);

  /// The space that the trials of a study show by their distributions, for studies that never
  /// declared one: parameters in the order of their first appearance, each with the widest range
  /// that occurred. Faults: not_found, unsupported (a parameter of two kinds, or with two lists of
  /// choices).
  result<std::vector<tuner::parameter>> observed_parameters(std::string_view study);

  /// Trials by number. Those that are no points of the space, or never got all of their parameters
  /// (Optuna's RUNNING, WAITING and FAIL may not), come with an empty `where`, and what they have
  /// in `outside`: they are of no use to a tuner. With the empty space all come so. Faults:
  /// not_found.
  result<std::vector<tuner::trial>> trials(std::string_view study, const tuner::space& over);

  /// What became of a row of a batch.
  enum class outcome : std::uint8_t {
    stored,
    conflict,  ///< insert: another trial owns the point; update: the trial is final already, or a
               ///< newer attempt has it
  };
  struct change {
    tuner::trial row;
    bool is_new = false;
    bool unique_point = true;  ///< false under duplicates::allow and for cached answers
    /// The FAIL trial that a new one evaluates again: it gives its point back to this, and notes as
    /// what it was tried again. Where there is none with the point, or it was tried again already:
    /// a conflict.
    std::optional<tuner::trial_number> retries{};
  };
  /// One transaction for the whole batch; one outcome each. A conflict leaves its row untouched and
  /// does not undo the others. New rows get the number they carry; when it is taken in the file
  /// (two tuners), the row is stored under the next free one, and `numbers` tells. An update is of
  /// the trial with its number, or of the one that a row before it in the batch has; with
  /// `unique_point` a trial that did not own its point takes it. A RUNNING row over a RUNNING one
  /// is a new lease and needs a higher attempt. Attributes are added or replaced, never removed.
  /// Trials of others (Optuna's) own their points too. An update may be of a trial outside of
  /// `over`. Faults: not_found, usage (a new row outside of it, a COMPLETE one without one value an
  /// objective, a value or a constraint that is no number, an attribute that is no JSON).
  struct stored {
    std::vector<outcome> outcomes;
    std::vector<tuner::trial_number> numbers;
    std::vector<outcome> reports;
  };
  /// What open trials have reported, written before the rows. A conflict: the trial is over, or
  /// another attempt has it.
  using report = tuner::study_command::persist_report;
  result<stored> apply(std::string_view study, const tuner::space& over,
                       std::span<const change> changes, std::span<const report> reports = {});

  /// What users noted on the study, or on the trial: Optuna's user attributes. Faults: not_found.
  result<attributes_type> attributes(std::string_view study,
                                     std::optional<tuner::trial_number> trial = {});
  /// Adds one, or replaces it. Faults: not_found; usage where the key is empty, no UTF-8 or longer
  /// than 512 characters, or the value is no JSON.
  result<void> set_attribute(std::string_view study, std::optional<tuner::trial_number> trial,
                             std::string_view key, std::string_view json);

  /// The trial that owns a point, if any.
  result<std::optional<tuner::trial>> owner(std::string_view study, const tuner::space& over,
                                            std::string_view key);

  /// From now on this connection writes for a tuner: RUNNING rows that it applies are held by it,
  /// until they end, another tuner leases them again, or it leaves. Those that are `gone` are
  /// forgotten where nothing of theirs is open. Faults: not_found.
  result<void> enter(std::string_view study, tuner_mark who,
                     const std::vector<tuner_mark>& gone = {});
  /// Says that the tuner lives, and writes what `note_job` noted. Precondition: entered.
  result<void> beat();
  /// Its open trials are nobody's. Precondition: entered.
  result<void> leave();
  /// The job of a trial's task, for whoever takes the trial over; written with the next change.
  void note_job(tuner::trial_number number, std::uint64_t job);

  /// The holders of all open trials of a study.
  result<std::map<tuner::trial_number, trial_holder>> holders(std::string_view study);
  /// The tuners that have entered a study and not left it, dead ones among them.
  result<std::vector<tuner_mark>> tuners(std::string_view study);
  /// The trials that were enqueued and are nobody's yet, without those that lie outside the space
  /// and those that an earlier call of this connection has looked at.
  result<std::vector<tuner::trial>> enqueued(std::string_view study, const tuner::space& over);
  /// The trials with these numbers, without those that there are not.
  result<std::vector<held_trial>> look_up(std::string_view study, const tuner::space& over,
                                          std::span<const tuner::trial_number> numbers);

 private:
  struct file;
  result<stored> apply_once(std::string_view study, const tuner::space& over,
                            std::span<const change> changes, std::span<const report> reports);
  explicit study_store(std::unique_ptr<file> f);
  std::unique_ptr<file> file_;
};

}  // namespace fabric::store
