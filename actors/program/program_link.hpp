#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/head_link.hpp"
#include "fabric/result.hpp"
#include "transport/program_message.hpp"

namespace fabric::actors {

/// What a program hears. All calls on the link's own thread; none may block.
class program_listener {
 public:
  virtual ~program_listener() = default;

  /// A session is open, the first or a later one.
  virtual void opened(const transport::welcome& terms) = 0;
  /// There is none now. `for_good` where none will come: the head refuses us (not only for being
  /// busy), was never reached, or stayed away for longer than its lease.
  virtual void lost(const fault& why, bool for_good) = 0;
  /// What another program says, in order, each once.
  virtual void heard(program_id from, std::vector<transport::program::message> messages) = 0;
  /// This program will not be back. `heard` is not called for it any more.
  virtual void gone(program_id who) = 0;
  /// What the head tells by itself.
  virtual void told(transport::message& body) = 0;
  /// Something was heard, or asked for by `wake`, or is due: after it, what was said leaves.
  /// Answers when it wants the next one at the latest (`never`: only for news).
  virtual instant turn(instant now) = 0;
};

struct program_options {
  program_id id;
  std::string name;
  std::string lent_key;  ///< of its workers; may be empty
};

/// A program's place in the cluster: one session with the head, over reconnections, and a channel
/// to each program that it talks to. Everything is done on the socket loop's own thread, so that a
/// message costs no hand-over on its way.
///
/// `say` and `ask` may be called on that thread only (from the listener), the rest from any.
class program_link {
 public:
  using answer = std::function<void(result<transport::message>)>;

  /// Faults: those of poll_loop::start. The first `wake` dials. The listener outlives the link.
  static result<std::unique_ptr<program_link>> start(head_address where, program_options how,
                                                     program_listener& listener);
  ~program_link();  ///< `close`

  /// Says goodbye and stops; nothing is heard afterwards. Idempotent; not from the listener.
  void close();

  /// Soon `turn` is called.
  void wake();

  /// Queues for the other program. Nothing where it is gone.
  void say(program_id to, const transport::program::message& what);
  /// Bytes said to it that it has not confirmed.
  [[nodiscard]] std::size_t waiting_bytes(program_id to) const;
  /// Forgets the channel: nothing more is said to or heard from it.
  void forget(program_id who);

  /// A request for the head, repeated over sessions until it is answered. `done` is called once, on
  /// the link's thread; with `cancelled` where the link ends before.
  void ask(transport::message request, answer done);

 private:
  class impl;
  explicit program_link(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

/// A random id.
program_id new_program_id();

}  // namespace fabric::actors
