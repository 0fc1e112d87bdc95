#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "fabric/ids.hpp"
#include "fabric/instant.hpp"
#include "transport/describe.hpp"

/// What programs say to each other over a channel: an owner of calls and the workers that it was
/// given. The head passes these on and never reads them.
namespace fabric::transport::program {

/// Worker → owner, first of all: the process of this attempt takes calls.
struct serving {
  attempt_id worker;
  std::string software;
  std::uint64_t process = 0;  ///< pid, for people

  bool operator==(const serving&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.worker);
    field(2, m.software, text);
    field(3, m.process);
  }
};

/// One call, to be run once by whoever gets it.
struct call {
  std::uint64_t id = 0;
  attempt_number attempt = 1;
  std::string function;
  std::string arguments;  ///< packed, one after the other
  duration time_limit{0};

  bool operator==(const call&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.attempt);
    field(3, m.function, text);
    field(4, m.arguments);
    field(5, m.time_limit);
  }
};

/// Owner → worker: run these, in this order.
struct calls {
  std::vector<call> which;

  bool operator==(const calls&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.which); }
};

/// Owner → worker: give back those of these that have not begun. `recalled` answers.
struct recall {
  std::vector<std::uint64_t> which;

  bool operator==(const recall&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.which); }
};
struct recalled {
  std::vector<std::uint64_t> which;

  bool operator==(const recalled&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.which); }
};

/// Owner → worker: the call's result is not wanted any more; its stop token says so.
struct stop {
  std::uint64_t id = 0;

  bool operator==(const stop&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.id); }
};

/// Owner → worker: no more calls will come; end when what was given has ended.
struct retire {
  bool operator==(const retire&) const = default;
  static void describe(auto&, auto&&) {}
};

/// Worker → owner: the call has begun. Said of calls that take long enough for it to matter.
struct began {
  std::uint64_t id = 0;

  bool operator==(const began&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.id); }
};

/// Worker → owner: the call waits for others and lends its slot, or goes on.
struct waiting {
  std::uint64_t id = 0;
  bool is_over = false;

  bool operator==(const waiting&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.is_over);
  }
};

/// How one call ended.
struct outcome {
  std::uint64_t id = 0;
  attempt_number attempt = 1;
  std::uint8_t kind = 0;  ///< 0: a value; else 1 + fabric::error_kind
  std::string value;      ///< packed
  std::string type;       ///< of the exception
  std::string what;       ///< its text
  duration took{0};

  bool operator==(const outcome&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.attempt);
    field(3, m.kind);
    field(4, m.value);
    field(5, m.type);
    field(6, m.what);
    field(7, m.took);
  }
};

/// Worker → owner.
struct outcomes {
  std::vector<outcome> which;

  bool operator==(const outcomes&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.which); }
};

/// The order is the numbering on the wire (index + 1): append only.
using message =
    std::variant<serving, calls, recall, recalled, stop, retire, began, waiting, outcomes>;

/// What one parcel carries of a channel (channel.hpp).
struct channel_frame {
  std::uint64_t first = 0;         ///< number of the first of `messages`, from 1
  std::uint64_t acknowledged = 0;  ///< everything of the other side up to this number has come
  std::vector<std::string> messages;

  bool operator==(const channel_frame&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.first);
    field(2, m.acknowledged);
    field(3, m.messages);
  }
};

}  // namespace fabric::transport::program
