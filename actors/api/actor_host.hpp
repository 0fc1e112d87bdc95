#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>

#include "actors/api/object_body.hpp"
#include "actors/api/thread_crew.hpp"
#include "fabric/actor.hpp"
#include "scheduler/actors/event.hpp"

namespace fabric::detail {

/// A call on its way through an actor's mailbox.
class actor_job {
 public:
  virtual ~actor_job() = default;
  /// Calls the method and keeps the outcome; true where it did not throw.
  virtual bool run(task_context& context) = 0;
  /// Tells the caller; once, without any lock held. Where it was not begun, `run` was not called.
  virtual void answer(bool begun) = 0;

  std::uint64_t caller = 0;  ///< the program
  std::uint64_t number = 0;  ///< among its calls to this actor
  std::stop_source stop;
};

/// How one life of an actor is to be.
struct actor_birth {
  actor_ref ref;
  std::string class_name;
  std::string arguments;  ///< packed
  bool has_state = false;
  std::string state;  ///< of a checkpoint
  std::uint32_t concurrency = 1;
  std::uint32_t checkpoint_every = 1;
  bool ends_on_exception = false;
  /// What its arguments, and the checkpoint, refer to, for as long as it may be made.
  std::vector<carried_hold> objects{};
  std::vector<carried_hold> state_objects{};
};

/// Who hears of what becomes of them. Called from any thread, without any lock of the host.
class actor_witness {
 public:
  virtual ~actor_witness() = default;
  virtual void made(roster::actor_id id, roster::incarnation life) = 0;
  virtual void not_made(roster::actor_id id, roster::incarnation life, failure why) = 0;
  /// Nothing of it runs any more.
  virtual void ended(roster::actor_id id, roster::incarnation life, roster::event::how_ended how,
                     failure why) = 0;
  /// Its state after all calls that were answered before, and what that refers to. `then` is called
  /// when both are kept.
  virtual void saved(roster::actor_id id, roster::incarnation life, std::string state,
                     std::vector<carried_hold> objects, std::function<void()> then) = 0;
};

/// Runs the lives of actors on threads of this process: thousands of actors, a few threads. An
/// actor runs as many of its methods at a time as its concurrency says, in the order in which they
/// came. A method that waits for a future lends its thread's place to others.
///
/// All members may be called from any thread and return at once, but for `close`.
class actor_host {
 public:
  struct surroundings {
    std::string node;
    std::function<desk*()> session;  ///< for calls that methods make
    /// On each thread before it runs methods; may be empty.
    std::function<void()> prepare = {};
    object_way from_owner = {};  ///< by which references in births come; else the usual way
    /// Whoever made the arguments may go once an actor is made: what they refer to is had by then.
    bool fetches_arguments = false;
  };
  actor_host(actor_witness& witness, surroundings where);
  ~actor_host() { close(); }

  void make(roster::actor_id id, roster::incarnation life, actor_birth how);
  /// It ends when what has begun is over, or soon where methods listen to their stop token and
  /// `hurries`; what was not begun is answered as such.
  void end(roster::actor_id id, roster::incarnation life, bool hurries);
  /// Answered as not begun where that life is not there.
  void push(roster::actor_id id, roster::incarnation life, std::unique_ptr<actor_job> what);
  /// The call's result is not wanted: it is told to stop, or is not begun.
  void stop(roster::actor_id id, std::uint64_t caller, std::uint64_t number);

  /// Running methods are told to stop; nothing more begins.
  void tell_to_stop();
  /// And waits for them. Nothing is said or answered afterwards.
  void close();
  [[nodiscard]] std::size_t size() const;

 private:
  class instance;
  class scope;
  using instance_ref = std::shared_ptr<instance>;

  instance_ref find(roster::actor_id id) const;
  void schedule(instance_ref which);
  void work();
  void serve(const instance_ref& which);
  void begin_life(const instance_ref& which);
  void run_one(const instance_ref& which, std::unique_ptr<actor_job> job);
  void answer_after_checkpoint(const instance_ref& which, std::shared_ptr<actor_job> job);
  void end_life(const instance_ref& which);
  void start_workers();
  void thread_waits();
  void thread_goes_on();

  actor_witness& witness_;
  const surroundings where_;
  const std::size_t threads_max_;

  mutable std::mutex mutex_;
  std::unordered_map<roster::actor_id, instance_ref> instances_;
  std::deque<instance_ref> ready_;
  std::size_t busy_ = 0;  // threads that serve and do not wait
  std::atomic<bool> is_closed_{false};
  thread_crew crew_;
};

}  // namespace fabric::detail
