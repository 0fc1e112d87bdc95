#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scheduler/fit_index.hpp"
#include "scheduler/job_table.hpp"

namespace fabric::scheduler {

/// Where a job stands in its line. The rule, in full:
///
/// - A job that holds nothing ages: it stands as high as its priority plus one for each `aging`
///   that it has gone unserved (since submission, or since a task of it last ended).
/// - A job that holds tasks does not age. It stands as high as its priority, and among its equals
///   the one that holds the least goes first: they share the cluster.
/// - At equal height the one that holds nothing goes first, then the lower job number.
///
/// The jobs of a program count as one: each stands by what all of them hold.
///
/// Neither key changes while time goes by, so that aging costs nothing.
struct standing {
  bool holds = false;
  std::int64_t key = 0;  ///< lower goes first; microseconds
  job_id job;

  /// How high it stands now, to compare jobs of any kind: microseconds of waiting.
  [[nodiscard]] std::int64_t height(instant now) const {
    return (holds ? 0 : now.time_since_epoch().count()) - key;
  }
};
/// `held`: by the job, or by all of its owner's.
standing standing_of(const job_entry& j, std::size_t held, duration aging);

/// Jobs that ask for the same, in the order in which they go.
class job_line {
 public:
  void enter(const standing& s) { of(s).emplace(s.key, s.job); }
  void leave(const standing& s) { of(s).erase({s.key, s.job}); }
  [[nodiscard]] bool contains(const standing& s) const;
  [[nodiscard]] bool empty() const { return resting_.empty() && served_.empty(); }
  [[nodiscard]] std::size_t size() const { return resting_.size() + served_.size(); }
  /// Precondition: not empty.
  [[nodiscard]] standing head(instant now) const;
  /// The first of those that hold nothing.
  [[nodiscard]] std::optional<standing> first_resting() const;

 private:
  using order = std::set<std::pair<std::int64_t, job_id>>;
  order& of(const standing& s) { return s.holds ? served_ : resting_; }
  order resting_;  // hold nothing
  order served_;
};

/// Everything known of one demand.
struct demand_class {
  demand needs;
  std::size_t jobs = 0;  ///< live ones
  job_line line;
  bool is_indexed = false;
  fit_index fitting;              ///< kept while indexed
  std::optional<node_id> saving;  ///< the node that is kept free for this class's first job
  /// A node that could run this when empty; searched again only after nodes came or went.
  std::optional<node_id> witness;
  std::uint64_t witness_version = 0;
  instant search_at{};  ///< no search for a node to save before
};

/// All demands of live jobs, and which of them have work waiting. A demand with waiting work has a
/// fit index; the few that had some last keep theirs, so that a queue that empties and fills again
/// does not look at all nodes each time.
class waiting_line {
 public:
  static constexpr std::size_t idle_indexes_max = 8;

  /// Counts one more live job with this demand.
  class_number join(const demand& needs);
  /// One less.
  void part(class_number number);
  /// Forgets the class if nothing needs it any more.
  void tidy(class_number number);

  [[nodiscard]] demand_class& of(class_number number) { return *classes_.at(number); }
  [[nodiscard]] const demand_class& of(class_number number) const { return *classes_.at(number); }

  /// Call after a class's line became empty or stopped being so. Answers true where the class needs
  /// its index filled now.
  bool line_changed(class_number number);

  /// Those with an index, ascending: the ones to update when a node changes.
  [[nodiscard]] const std::set<class_number>& indexed() const { return indexed_; }
  [[nodiscard]] const std::unordered_map<class_number, std::unique_ptr<demand_class>>& all() const {
    return classes_;
  }
  [[nodiscard]] bool is_consistent() const;

 private:
  void drop_index(class_number number);

  std::map<demand, class_number> numbers_;
  std::unordered_map<class_number, std::unique_ptr<demand_class>> classes_;
  std::set<class_number> indexed_;
  std::vector<class_number> idle_;  // indexed without waiting work, longest idle first
  class_number next_ = 1;
};

}  // namespace fabric::scheduler
