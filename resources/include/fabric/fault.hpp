#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fabric {

/// Every way in which an operation can end other than well. The spelling (`name_of`) and the exit
/// status are stable: scripts depend on them. docs/errors.md has the table.
enum class fault_code : std::uint8_t {
  usage,            ///< The command line or an argument makes no sense.
  bad_message,      ///< Bytes from a peer or a file are not what they should be.
  not_found,        ///< The named thing does not exist.
  auth_failed,      ///< The key or token is not admitted.
  forbidden,        ///< The key is known but its role may not do this.
  config,           ///< The settings contradict each other or the machine.
  unreachable,      ///< Nobody answers at the address.
  address_in_use,   ///< Another process holds the port.
  timeout_unknown,  ///< No answer in time; the outcome is not known. Retry with the same key.
  busy,             ///< Over a limit for now; retry later.
  store_full,       ///< The disk, or the room for objects, is full; nothing was stored.
  store_failed,     ///< The store failed; the outcome is not known. Retry with the same key.
  store_locked,     ///< Another process owns the store or the state directory.
  auth_selftest,    ///< Our own listening socket let a stranger in, so the daemon refuses to serve.
  stale_epoch,      ///< A newer head has taken over.
  version,          ///< The two sides share no protocol version.
  unsupported,      ///< The peer does not know this request.
  key_conflict,     ///< The idempotency key was used before with other content.
  duplicate_params,  ///< The point was evaluated before or is being evaluated.
  too_large,         ///< Over a size limit.
  no_such_resource,  ///< No node could ever satisfy the request.
  quota,             ///< The caller's share is used up.
  stale_attempt,     ///< A newer attempt of the task exists.
  late_grant,        ///< The grant arrived after its own lease had ended.
  cancelled,         ///< Cancelled on request.
  task_failed,       ///< The task's own failure (exit status other than 0).
  task_signalled,    ///< The task died by a signal.
  oom_killed,        ///< The task went over its memory.
  timed_out,         ///< The task, or the wait, went over its time limit.
  node_lost,         ///< The node went away; the task will run again.
  poisoned,          ///< The task killed its worker too often and is not run again.
  exhausted,         ///< The space has no free point left.
  internal,          ///< A mistake of ours.
};

/// What the caller may do after a fault.
enum class retry_advice : std::uint8_t {
  never,     ///< The same call will fail again.
  same_key,  ///< Repeat with the same idempotency key: the first try may have worked.
  later,     ///< Repeat after a while.
};

/// Upper-case stable spelling, as in "STORE_LOCKED".
std::string_view name_of(fault_code code);

/// The code whose spelling is `name`, or `internal` when a newer peer uses one that we do not know.
fault_code fault_code_named(std::string_view name);

/// Exit status of a program that ends with this fault (sysexits.h numbers where one fits).
int exit_status_of(fault_code code);

retry_advice advice_of(fault_code code);

/// Something went wrong: `detail` says what happened and to what, `hint` what to do about it.
/// Both are single lines without a full stop at the end; `hint` may be empty.
struct fault {
  fault_code code = fault_code::internal;
  std::string detail;
  std::string hint;

  bool operator==(const fault&) const = default;
};

/// "CODE: what happened; what to do", on one line, with control bytes replaced.
std::string to_line(const fault& f);

}  // namespace fabric
