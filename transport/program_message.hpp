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

/// Names one attempt of a call.
struct attempt_of_call {
  std::uint64_t id = 0;
  attempt_number attempt = 1;

  bool operator==(const attempt_of_call&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.attempt);
  }
};

/// Owner → worker: give back up to `most` of the calls that have not begun, the last ones first.
/// `recalled` answers.
struct recall {
  std::uint32_t most = 0;

  bool operator==(const recall&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.most); }
};
struct recalled {
  std::vector<attempt_of_call> which;

  bool operator==(const recalled&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.which); }
};

/// Owner → worker: the call's result is not wanted any more. Not begun, it is dropped; else its
/// stop token says so. Its outcome is told in any case.
struct stop {
  attempt_of_call which;

  bool operator==(const stop&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.which); }
};

/// Owner → worker: no more calls will come; end when what was given has ended.
struct retire {
  bool operator==(const retire&) const = default;
  static void describe(auto&, auto&&) {}
};

/// Worker → owner: a running call waits for others, and its slot goes to the next call; it waits no
/// more, but for a slot; it goes on.
struct slot_change {
  enum class kind : std::uint8_t { blocked = 1, unblocked = 2, resumed = 3 };
  attempt_of_call which;
  std::uint8_t how = 1;

  bool operator==(const slot_change&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.which);
    field(2, m.how);
  }
};

/// Owner → worker: if none of your calls runs, start and resume nothing until `go_on`. `lent`
/// answers whether that holds; then what the process was given is lent to others.
struct lend {
  bool operator==(const lend&) const = default;
  static void describe(auto&, auto&&) {}
};
struct lent {
  bool is_so = false;

  bool operator==(const lent&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.is_so); }
};
/// Owner → worker: what was lent is yours again.
struct go_on {
  bool operator==(const go_on&) const = default;
  static void describe(auto&, auto&&) {}
};

/// How one call ended.
struct outcome {
  enum class kind : std::uint8_t { value = 0, failed = 1, stopped = 2 };
  attempt_of_call which;
  std::uint8_t how = 0;
  std::string bytes;  ///< the packed result, or the packed failure
  duration took{0};

  bool operator==(const outcome&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.which);
    field(2, m.how);
    field(3, m.bytes);
    field(4, m.took);
  }
};

/// Worker → owner.
struct outcomes {
  std::vector<outcome> which;

  bool operator==(const outcomes&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.which); }
};

/// The order is the numbering on the wire (index + 1): append only.
using message = std::variant<serving, calls, recall, recalled, stop, retire, slot_change, outcomes,
                             lend, lent, go_on>;

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
