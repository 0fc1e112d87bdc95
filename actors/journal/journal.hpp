#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/store/journal_record.hpp"
#include "scheduler/tuner/samplers/sampler.hpp"
#include "scheduler/tuner/trial.hpp"

/// Optuna's journal with leases in it. Optuna's clients write records of what they do and read
/// those of all others; whoever keeps the journal may add to a record before anybody reads it. So
/// each new trial gets `fixed_params`: a point that is free, leased to its worker.
namespace fabric::journal {

using store::journal_entry;

/// Names the writer of records that are the server's own.
inline constexpr std::string_view own_worker = "fabric";

/// The journal as a value: no socket, no file, no clock.
///
/// Invariants: a point has at most one open trial; a trial that is over never changes; `lost`
/// points are leased in the ledger and given out before any other.
class journal {
 public:
  struct settings {
    std::string sampler = "random";
    std::uint64_t seed = 0;
    /// Spaces of studies that are known before their first trial, by name. A study without one
    /// learns it from the first trial that ends, and until then further trials wait. A learned
    /// space follows the ranges that later trials ask for.
    std::map<std::string, tuner::space> spaces;
    std::string storage;  ///< its URL, for hints
  };
  /// True where somebody else's trial of the study has the point (in the store).
  using taken_elsewhere = std::function<bool(const std::string& study, std::string_view key)>;
  /// Whether a trial, by its id, may be evaluated behind the connection that asks.
  using behind_asker = std::function<bool(std::int64_t trial)>;

  explicit journal(settings how);

  /// A record that was stored before, or one of the server's own. Faults: bad_message.
  result<journal_entry> replay(const std::string& text);

  struct answer {
    enum class kind : std::uint8_t {
      stored,  ///< `entry` is to be stored, then acknowledged
      later,   ///< no point is free now: ask again after a trial has ended
      refused,
    } what = kind::stored;
    journal_entry entry{};
    fault why{};  ///< bad_message, exhausted, not_found (the study was deleted)
  };
  /// A worker's record. A process that evaluates trials is never made to wait: Optuna's storage
  /// takes one request at a time, so those trials could not end meanwhile. Where no point is free
  /// it is refused; where the space is yet to be learned its trial comes as it is.
  answer append(const std::string& text, const taken_elsewhere& taken,
                const behind_asker& may_be_its);

  /// The trial's worker is gone: it fails, and its point goes to the next who asks. `wall_ms`:
  /// since 1970. Precondition: the trial is open.
  std::vector<journal_entry> lose(std::int64_t trial, std::int64_t wall_ms);

  /// Running trials, by their ids in the journal.
  [[nodiscard]] const std::set<std::int64_t>& open() const { return open_; }
  /// Whether the trial is there and not over.
  [[nodiscard]] bool is_updatable(std::int64_t trial) const;
  [[nodiscard]] const std::string& text_of(std::size_t record) const { return texts_[record]; }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }
  /// Names of the studies that are there, by their ids in the journal.
  [[nodiscard]] std::map<std::int64_t, std::string> studies() const;
  [[nodiscard]] bool has(std::string_view study) const;
  /// Spaces of studies that are yet to be made, as settings have them.
  void declare(std::map<std::string, tuner::space> spaces);
  /// Whether a study has another space here than these say.
  [[nodiscard]] bool differs_from(const std::map<std::string, tuner::space>& declared) const;
  /// The id that the next study gets.
  [[nodiscard]] std::int64_t studies_made() const {
    return static_cast<std::int64_t>(studies_.size());
  }
  /// What the users of a study should know, one line each, and each once.
  std::vector<std::string> take_notices() { return std::exchange(notices_, {}); }
  /// Trials that ended so far: rises whenever it is worth asking again.
  [[nodiscard]] std::uint64_t endings() const { return endings_; }

 private:
  struct study {
    std::string name;
    std::vector<bool> is_maximized;  ///< one an objective
    bool is_deleted = false;
    std::optional<tuner::space> over;
    bool is_learned = false;  ///< the space, from trials: it follows what they ask for
    /// What trials ask for in place of a declared parameter, by name.
    std::map<std::string, tuner::parameter> asked;
    std::map<std::string, std::string> shown;  ///< the last distribution of each parameter
    std::unique_ptr<tuner::ledger> points;
    std::unique_ptr<tuner::sampler> chooser;
    std::deque<tuner::point> lost;
    std::optional<std::int64_t> teacher;  ///< the trial that the space is learned from
    std::vector<std::int64_t> ended;      ///< before the space was known
    std::size_t open = 0;
    bool is_free_form = false;  ///< its space cannot be leased: trials come as they are
    bool has_grid = false;      ///< a worker's own, which nobody follows here
  };
  struct trial {
    std::int64_t study = 0;
    std::int64_t state = 0;
    std::map<std::string, std::pair<double, std::string>> params;  ///< internal, distribution
    std::optional<tuner::point> where;
    std::vector<double> values;
    std::vector<double> constraints;
    std::optional<tuner::outcome::report> last_report;
    nlohmann::json fixed;  ///< what it was enqueued with
    std::string process;   ///< that evaluates it
    bool is_lost = false;
  };

  void apply(const store::journal_record& record, journal_entry& entry);
  void make_study(const nlohmann::json& fields, journal_entry& entry);
  void make_trial(const nlohmann::json& fields, journal_entry& entry);
  void lease(study& in, std::int64_t id, journal_entry& entry);
  void set_param(const nlohmann::json& fields, journal_entry& entry);
  static void note_constraints(const nlohmann::json& system_attributes, trial& to);
  void change_state(const nlohmann::json& fields, journal_entry& entry);
  void end(std::int64_t id, bool is_lost);
  void learn(study& in, std::int64_t id);
  void leave_free(study& in, const std::string& why);
  void note_grid(study& in);
  void follow(study& in, const std::string& name, const std::string& distribution);
  void note_asked(study& in, const std::string& name, const tuner::parameter& asked);
  void move_to(study& in, tuner::space over);
  void use_space(study& in, tuner::space over);
  study* any(const nlohmann::json& fields);
  study* living(const nlohmann::json& fields);
  study* dead(const nlohmann::json& fields);
  trial& known(std::int64_t id) { return trials_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] bool evaluates(const std::string& process, const behind_asker& may_be_its) const;
  [[nodiscard]] std::optional<tuner::point> point_of(const study& in, const trial& t) const;
  void settle(study& in, std::int64_t id);
  [[nodiscard]] fault exhausted(const study& in) const;
  std::optional<tuner::point> next_point(study& in, const taken_elsewhere& taken);

  settings how_;
  std::vector<std::string> texts_;
  std::deque<study> studies_;  ///< at fixed addresses: samplers refer to their spaces
  std::vector<trial> trials_;
  std::set<std::int64_t> open_;
  std::uint64_t endings_ = 0;
  std::vector<std::string> notices_;
};

}  // namespace fabric::journal
