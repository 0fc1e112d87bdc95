#pragma once

#include <memory>
#include <span>
#include <string>

#include "scheduler/calls/command.hpp"
#include "scheduler/calls/event.hpp"

namespace fabric {
struct session_options;
}

namespace fabric::detail {

class desk;
struct data_site;
class actor_fleet;

/// The seam between a session and where its calls run: threads of this process (`local_fleet`), or
/// processes on the nodes of a cluster. Everything else (futures, retries, dependencies, time
/// limits, the book) is the same and above it.
///
/// The desk calls `carry_out` with its lock held and in the order of the book's steps. `settle`
/// follows without the lock, on the same thread: what a command makes happen at once is told to the
/// desk from there. A fleet tells the desk of events from any thread, never from `carry_out`.
class fleet {
 public:
  virtual ~fleet() = default;

  /// True where arguments and results travel as bytes. False: the fleet calls
  /// `state_base::run` and values stay in memory.
  [[nodiscard]] virtual bool is_remote() const = 0;

  /// Once, before anything else. The desk outlives `close`.
  virtual void open(desk& owner) = 0;

  /// All commands but `finished`. Must not block, throw, or call the desk but for `desk::record_of`
  /// and `desk::shape_of`.
  virtual void carry_out(std::span<const calls::command_type> commands) = 0;
  virtual void settle() = 0;

  /// Where data lies, in the sense of `event::worker_ready`. Called with the desk's lock held.
  [[nodiscard]] virtual calls::data_place place_of(const data_site&) const { return {}; }

  /// Tells what it holds back to tell together. True where there will soon be more to call it for;
  /// `desk::hurry` says so, too.
  virtual bool flush() { return false; }

  /// What is missing for the demand, in words. Called with the desk's lock held.
  [[nodiscard]] virtual std::string why_infeasible(const demand& needs) const = 0;

  /// Why it told `event::closed`, in words; empty where it did not.
  [[nodiscard]] virtual std::string why_closed() const { return {}; }

  /// Where its actors live; nullptr where it has none. As long as the fleet.
  virtual actor_fleet* actors() { return nullptr; }

  /// Ends everything and waits for it: no event is told afterwards. Called once, without the lock,
  /// after `event::closed`; running functions have been told to stop and are waited for.
  virtual void close() = 0;
};

/// In threads of this process. Throws usage_error.
std::unique_ptr<fleet> make_local_fleet(const session_options& how);

}  // namespace fabric::detail
