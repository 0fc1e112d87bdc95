#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fabric/session.hpp"
#include "fabric/trial.hpp"

/// Searches from C++: a study proposes points and never the same one twice, whoever evaluates them,
/// on whichever machine, and also when the program is started again.
namespace fabric {

namespace actors {
class study_desk;
}

enum class direction : std::uint8_t { minimize, maximize };
enum class trial_state : std::uint8_t { running, complete, pruned, fail, waiting };
/// "RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING": Optuna's words.
std::string_view name_of(trial_state state);

/// What is done where a sampler proposes a point that was evaluated before.
enum class duplicates : std::uint8_t {
  never,   ///< it proposes another
  cached,  ///< the earlier result is the trial's
  allow,   ///< it is evaluated again
};

/// A parameter of a space, as `fabricd tune --param` spells it: "x=int(1,9)",
/// "lr=float(1e-5,1,log)". The functions below write that for you.
struct parameter {
  std::string text;
  parameter(std::string spelling) : text(std::move(spelling)) {}
  parameter(const char* spelling) : text(spelling) {}
};

struct integer_shape {
  std::int64_t step = 1;
  bool log = false;
};
/// low, low + step ... <= high
parameter integer(std::string_view name, std::int64_t low, std::int64_t high,
                  integer_shape shape = {});
struct real_shape {
  double step = 0;  ///< 0: continuous
  bool log = false;
};
/// low to high; with a step exactly the decimals low + k * step.
parameter real(std::string_view name, double low, double high, real_shape shape = {});
parameter choice(std::string_view name, std::initializer_list<std::string_view> words);

struct study_options {
  std::string name = "study";
  std::vector<direction> directions = {direction::minimize};  ///< one an objective
  std::vector<parameter> parameters{};
  std::string sampler = "random";  ///< docs/tuning.md lists them
  std::string pruner = "none";     ///< "median", "asha:factor=3" ...
  duplicates repeats = duplicates::never;
  /// End once a feasible trial has this value or a better one. For one objective, as `patience`
  /// and pruners are.
  std::optional<double> until{};
  std::optional<std::uint64_t> patience{};  ///< end once so many in a row brought nothing better
  std::optional<std::uint64_t> seed{};      ///< the same points in the same order
  /// Where it is kept: "sqlite:///file.db", "postgresql://user@host/database". Empty: in this
  /// process only.
  std::string storage{};
  bool load_if_exists = false;     ///< go on with a study of that name
  std::uint32_t attempts_max = 3;  ///< of a point that vanishes (`give_back`, a lost worker)
};

/// A trial that was told, or that `trials` lists.
struct trial_record {
  std::uint64_t number = 0;
  trial_state state = trial_state::running;
  std::vector<std::pair<std::string, parameter_value>> params{};
  std::optional<double> value{};      ///< of one objective; of PRUNED: what it reported last
  std::vector<double> values{};       ///< one an objective; none where there is no result
  std::vector<double> constraints{};  ///< each is met where it is not above 0
  std::uint32_t attempt = 1;
  std::string node{};                                      ///< that evaluated it
  std::string error{};                                     ///< of FAIL: why
  std::vector<std::pair<std::int64_t, double>> reports{};  ///< by rising step
  std::chrono::system_clock::time_point started{};
  std::chrono::system_clock::time_point ended{};
  std::map<std::string, std::string> attributes{};  ///< JSON texts: Optuna's user_attrs
};

/// Why no more points come.
enum class ending : std::uint8_t {
  exhausted,       ///< all points of the space are done
  trials_reached,  ///< as many as were asked for
  value_reached,
  no_improvement,
  stopped,    ///< `stop` was called
  time_over,  ///< `optimize_options::time`
};
std::string_view name_of(ending why);

/// Anything that goes wrong with a study. `what()` is one line with a stable code: usage,
/// key_conflict (the study exists), stale_attempt (the trial is over, or another attempt has the
/// point), duplicate_params, store_locked, store_full, unreachable ...
class study_error : public std::runtime_error {
 public:
  explicit study_error(fault why);
  [[nodiscard]] fault_code code() const { return why_.code; }
  [[nodiscard]] const fault& why() const { return why_; }

 private:
  fault why_;
};

struct optimize_options {
  std::uint64_t trials = 0;         ///< new ones of this run; 0: until the study ends
  std::chrono::nanoseconds time{};  ///< no new trial begins after it; 0: no limit
  /// Trials at a time. 0: as many as there is room for; one more than run is asked for, so that a
  /// worker that becomes free finds one.
  std::uint32_t parallel = 0;
  call_options call{};  ///< of each evaluation: resources, time limit, retries ...
  /// After each trial of this run, on the thread that called `optimize`. May call `stop`,
  /// `enqueue`.
  std::function<void(const trial_record&)> on_trial{};
};

/// One search. All members may be called from any thread. Its destructor, and the end of the
/// process (a crash too), leave open trials open: a study that is kept somewhere hands them out
/// again when it is loaded, to the same program or to another one.
///
///     fabric::study s{{.parameters = {fabric::real("x", -5, 10), "n=int(1,9)"}, .sampler =
///     "tpe"}}; while (auto t = s.ask()) s.tell(*t, f(t->get<double>("x"), t->get<int>("n")));
///     s.optimize(session, objective, {.trials = 100});     // double objective(const
///     fabric::trial&)
class study {
 public:
  /// Makes it, or goes on with it. Throws study_error.
  explicit study(const study_options& how);
  ~study();
  study(study&&) noexcept;
  study& operator=(study&&) noexcept;

  /// The next point; it is this program's until it is told or given back, and stored before it is
  /// answered. Nothing where there is none now: `over` says whether that is for good. Throws
  /// study_error.
  std::optional<trial> ask();
  /// Its result, with a value for each objective; stored when it returns. A number that is not
  /// finite fails the trial. Throws study_error (stale_attempt; usage: another number of values,
  /// and the trial stays open).
  trial_record tell(const trial& which, double value);
  trial_record tell(const trial& which, const std::vector<double>& values);
  trial_record tell(const trial& which, const finding& found);
  trial_record fail(const trial& which, std::string_view why);
  /// It was not evaluated: the point is the next to be handed out, at most `attempts_max` times.
  void give_back(const trial& which);
  /// How far an asked trial is. Throws study_error.
  verdict report(const trial& which, std::int64_t step, double value);

  /// The next point to be handed out: {{"x", "3"}, {"opt", "adam"}}, every parameter once, as typed
  /// at a command line. Answers its number. Throws study_error (usage, duplicate_params).
  std::uint64_t enqueue(const std::map<std::string, std::string>& point);

  /// Why no more points come; nothing as long as some may.
  [[nodiscard]] std::optional<ending> over() const;
  /// No point is handed out any more.
  void stop();

  /// The best COMPLETE trial that violates no constraint. Throws study_error (usage: there are
  /// several objectives).
  [[nodiscard]] std::optional<trial_record> best() const;
  /// The best trials by number: of several objectives those that no other feasible one dominates,
  /// of one objective the best.
  [[nodiscard]] std::vector<trial_record> front() const;
  /// All trials by number, of other programs too. Throws study_error.
  [[nodiscard]] std::vector<trial_record> trials() const;
  [[nodiscard]] const std::string& name() const;

  /// Evaluates points with a function of the session until the study ends: `objective(trial,
  /// args...)` answers a number, several (a vector, array, tuple or pair), or a `finding`. A call
  /// that fails makes a FAIL trial, and so does one that answers another number of values than
  /// there are objectives; one whose worker is lost too often gives its point to another call. What
  /// could never succeed (an unknown function, arguments that do not fit, a demand that no node
  /// meets, the end of the session, a wrong number of values in the first answer) is thrown, with
  /// the points given back. One `optimize` of a study at a time may run with the same session.
  /// Throws task_error, study_error, and what `on_trial` throws.
  template <class Fn, class... A>
  ending optimize(session& where, Fn objective, const optimize_options& how = {},
                  const A&... args) {
    return run(where, how, [&](const trial& t) {
      auto call = where.submit(how.call, objective, t, args...);
      static_assert(detail::says_what_it_found<std::decay_t<decltype(call.get())>>,
                    "fabric: an objective answers a number, a vector, array, tuple or pair of "
                    "numbers, or a fabric::finding");
      return evaluation{call, [call] { return detail::finding_of(call.get()); },
                        [call] { return call.status(); }, [call] { return call.node(); }};
    });
  }

 private:
  struct evaluation {
    any_future call;
    std::function<finding()> found;  // throws what the call failed with
    std::function<call_status()> status;
    std::function<std::string_view()> node;
  };
  ending run(session& where, const optimize_options& how,
             const std::function<evaluation(const trial&)>& begin);
  friend class optimizing;

  std::shared_ptr<actors::study_desk> desk_;
};

}  // namespace fabric
