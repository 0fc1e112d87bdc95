#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "scheduler/actors/actor.hpp"

namespace fabric::roster {

/// One of a caller's calls to one actor, numbered from 1.
using call_number = std::uint64_t;

/// What is to be done after a step of a line, in this order.
namespace line_command {

struct send {
  call_number call = 0;
  incarnation life = 0;
};
/// It was sent and is not wanted any more.
struct stop {
  call_number call = 0;
  incarnation life = 0;
};
/// It was sent to a life that is over, and no answer will come: whether it ran, nobody can say.
struct unknown {
  call_number call = 0;
};
/// The actor is gone. `was_sent`: it may have run.
struct dead {
  call_number call = 0;
  bool was_sent = false;
};

}  // namespace line_command

using line_order =
    std::variant<line_command::send, line_command::stop, line_command::unknown, line_command::dead>;

struct line_rules {
  std::uint32_t pending_max = 1000;  ///< calls that are not over, sent or not
};

/// One caller's calls to one actor: they are sent in order, and only to a life that is there. A
/// value, as the book is.
///
/// A call that was sent ends by an answer of its host, or with the host. What a host hands back
/// unbegun is sent to the next life, before what came later; that begins only when nothing of the
/// life before is open any more. A call that may be repeated is sent again also where it may have
/// run.
///
/// Every call that is entered is answered, dropped, or said to be unknown or dead, once.
class line {
 public:
  using orders = std::vector<line_order>;

  explicit line(line_rules how = {}) : how_(how) {}

  enum class entrance : std::uint8_t { entered, full, dead };
  /// The next call, if there is room; its number is then `last`. One that is not ready keeps those
  /// behind it waiting.
  entrance enter(bool is_ready, bool may_repeat, orders& out);
  [[nodiscard]] call_number last() const { return first_ + calls_.size() - 1; }
  /// What it waited for is there.
  void ready(call_number which, orders& out);
  /// Its caller does not want it any more and has been told so.
  void drop(call_number which, orders& out);

  /// The actor lives there. News of a life come in order.
  void alive(incarnation life, host_id where, orders& out);
  /// Its life is over or ending; there will be another one.
  void down();
  /// It is gone for good. `at_once`: what was sent is not waited for.
  void gone(bool at_once, orders& out);
  /// No answers come from there any more.
  void host_lost(host_id where, orders& out);

  enum class answer : std::uint8_t { done, unbegun };
  /// False where the answer is not for a call that is waited for.
  bool answered(call_number which, incarnation life, answer how, orders& out);

  /// Calls that are not over.
  [[nodiscard]] std::size_t pending() const { return pending_; }
  [[nodiscard]] bool is_gone() const { return is_gone_; }
  /// The life that calls are sent to, or were last; 0: none yet.
  [[nodiscard]] incarnation life() const { return life_; }
  [[nodiscard]] host_id host() const { return host_; }

  /// The empty string, or the first claim about the state that does not hold.
  [[nodiscard]] std::string broken_invariant() const;

 private:
  enum class state : std::uint8_t { unready, waiting, sent, dropped, over };
  struct call {
    state now = state::waiting;
    bool may_repeat = false;
  };

  call* find(call_number which);
  void over(call& c);
  void back(call_number which, call& c, orders& out);
  void flow(orders& out);
  void tidy();

  line_rules how_;
  std::deque<call> calls_;
  call_number first_ = 1;  // of `calls_`
  call_number next_ = 1;   // the first that may wait to be sent
  std::size_t pending_ = 0;
  std::size_t open_ = 0;  // sent and not answered
  // The life that `open_` calls went to, and where.
  incarnation life_ = 0;
  host_id host_;
  bool is_up_ = false;  // more may be sent to it
  // What came while calls to the life before are open.
  incarnation next_life_ = 0;
  host_id next_host_;
  bool is_gone_ = false;
};

}  // namespace fabric::roster
