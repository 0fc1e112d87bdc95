#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "fabric/detail_fields.hpp"
#include "fabric/fault.hpp"

namespace fabric {

/// How a call can end other than well. Numbers are stable: they travel.
enum class error_kind : std::uint8_t {
  task_failed = 1,         ///< The function threw; `type` and `what` are those of the exception.
  lost = 2,                ///< Its worker or node died too often while it ran.
  cancelled = 3,           ///< Cancelled on request.
  timed_out = 4,           ///< Over its time limit or deadline.
  unknown_function = 5,    ///< No function of this name is registered where it was to run.
  bad_arguments = 6,       ///< The function does not take what was sent, or it cannot be packed.
  bad_result = 7,          ///< The result cannot be packed, or is no value of the function's type.
  session_closed = 8,      ///< The session ended before the call.
  infeasible = 9,          ///< No node could ever satisfy what the call asks for.
  key_conflict = 10,       ///< The key was used before with another function or other arguments.
  dependency_failed = 11,  ///< A call whose result it needs failed; `what` says how.
  usage = 12,              ///< The program asked for something that makes no sense.
  unsupported = 13,        ///< This session cannot do it.
  wait_timed_out = 14,     ///< `get` waited as long as it was told to; the call goes on.
  actor_gone = 15,       ///< The actor is gone; `what` says why, and whether the call may have run.
  outcome_unknown = 16,  ///< The actor's process was lost under the call, which may have run.
  name_taken = 17,       ///< Another actor has the name.
  busy = 18,             ///< The caller has as many calls open as the actor allows.
  not_found = 19,        ///< No actor has the name.
  object_lost = 20,      ///< Nobody has the object any more: its last holder ended.
  store_full = 21,    ///< Neither memory nor disk has room for the object; `what` says who has it.
  store_failed = 22,  ///< The store of objects cannot be used; `what` says why.
};

/// "task_failed", as in the enumeration.
std::string_view name_of(error_kind kind);
/// The code of the same meaning that commands and logs use.
fault_code code_of(error_kind kind);

/// Everything that is known of a call's failure: a plain value that travels.
struct failure {
  error_kind kind = error_kind::task_failed;
  std::string type{};  ///< demangled type of the exception; empty where there was none
  std::string what{};
  std::string node{};         ///< name of the node; empty where it never started
  std::uint32_t attempt = 0;  ///< from 1; 0 where it never started
  std::string function{};     ///< name of the function, or the call's own name

  bool operator==(const failure&) const = default;
};
FABRIC_PACK(failure, kind, type, what, node, attempt, function);

/// What this library throws. `what()` is one line: what happened, to which function, where, and
/// what to do. The parts of it can be asked for. Copying never throws.
class error : public std::runtime_error {
 public:
  explicit error(failure why);

  [[nodiscard]] error_kind kind() const { return why_.kind; }
  /// The demangled type of the exception that a function threw, as "std::out_of_range".
  [[nodiscard]] const std::string& type() const { return why_.type; }
  /// The exception's own text, without what `what()` adds.
  [[nodiscard]] const std::string& message() const { return why_.what; }
  [[nodiscard]] const std::string& node() const { return why_.node; }
  [[nodiscard]] std::uint32_t attempt() const { return why_.attempt; }
  [[nodiscard]] const std::string& function() const { return why_.function; }
  /// Stable: scripts may depend on it, as on `name_of(e.code())`.
  [[nodiscard]] fault_code code() const { return code_of(why_.kind); }
  [[nodiscard]] const failure& why() const { return why_; }

 private:
  failure why_;
};

/// A call ended other than well: `get` throws it, or one of the kinds below.
class task_error : public error {
  using error::error;
};
/// kind lost
class lost_error : public task_error {
  using task_error::task_error;
};
/// kind cancelled or session_closed
class cancelled_error : public task_error {
  using task_error::task_error;
};
/// kind timed_out
class timeout_error : public task_error {
  using task_error::task_error;
};
/// kind wait_timed_out: the wait ended, the call did not
class wait_error : public error {
  using error::error;
};
/// kinds actor_gone and outcome_unknown
class actor_error : public task_error {
  using task_error::task_error;
};
/// kinds object_lost, store_full and store_failed: thrown where an object is put or read, and by
/// `get` of a call that it happened to
class object_error : public task_error {
  using task_error::task_error;
};
/// What the program did wrong, or cannot have now: kinds usage, unknown_function at submission,
/// key_conflict, unsupported, name_taken, busy, not_found. Thrown by the call that was wrong.
class usage_error : public error {
  using error::error;
};

/// Throws the class that belongs to the kind.
[[noreturn]] void throw_failure(failure why);

/// The failure that an exception makes of a call: task_failed with its type, and its text where it
/// is a std::exception. A `fabric::error` that passes through a task (it waited for another) keeps
/// its own line as the text; an object_error stays what it is.
failure failure_of(std::exception_ptr thrown);

}  // namespace fabric
