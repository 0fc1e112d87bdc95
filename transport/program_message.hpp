#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "fabric/fault.hpp"
#include "fabric/ids.hpp"
#include "fabric/instant.hpp"
#include "transport/describe.hpp"

/// What programs say to each other over a channel: an owner of calls and the workers that it was
/// given; an owner of actors, the processes that these live in (their *hosts*), and whoever calls
/// them. The head passes these on and never reads them.
namespace fabric::transport::program {

/// Names an object, or a store of objects (fabric/object_id.hpp).
struct object_name {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool operator==(const object_name&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.high);
    field(2, m.low);
  }
};

/// Worker → owner, first of all: the process of this attempt takes calls.
struct serving {
  attempt_id worker;
  std::string software;
  std::uint64_t process = 0;  ///< pid, for people
  std::string node;           ///< its name
  object_name store;          ///< of objects, on its host; zeros where it has none

  bool operator==(const serving&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.worker);
    field(2, m.software, text);
    field(3, m.process);
    field(4, m.node, text);
    field(5, m.store);
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

/// A reference to an object in what a message carries (fabric/object.hpp), as it is packed there.
struct carried_object {
  std::string reference;
  bool is_needed = false;  ///< its bytes are wanted at once: it stands for a value
  /// The value of an earlier one in the list, at this place from 1 on, refers to it; 0: of none.
  std::uint64_t inner_of = 0;

  bool operator==(const carried_object&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.reference);
    field(2, m.is_needed);
    field(3, m.inner_of);
  }
};

/// How one call ended.
struct outcome {
  enum class kind : std::uint8_t { value = 0, failed = 1, stopped = 2 };
  attempt_of_call which;
  std::uint8_t how = 0;
  std::string bytes;  ///< the packed result, or the packed failure
  duration took{0};
  std::vector<carried_object> objects;  ///< lent to the receiver until `objects_returned`

  bool operator==(const outcome&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.which);
    field(2, m.how);
    field(3, m.bytes);
    field(4, m.took);
    field(5, m.objects);
  }
};

/// Worker → owner.
struct outcomes {
  std::vector<outcome> which;

  bool operator==(const outcomes&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.which); }
};

/// Owner → host: begin this life of an actor. `actor_made` answers.
struct actor_make {
  std::uint64_t actor = 0;
  std::uint32_t life = 1;
  std::string class_name;
  std::string arguments;  ///< of the constructor, packed
  bool has_state = false;
  std::string state;  ///< of its last checkpoint
  std::uint32_t concurrency = 1;
  std::uint32_t checkpoint_every = 1;
  bool ends_on_exception = false;
  std::string label;  ///< for people
  std::uint32_t pending_max = 1000;

  bool operator==(const actor_make&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.actor);
    field(2, m.life);
    field(3, m.class_name, text);
    field(4, m.arguments);
    field(5, m.has_state);
    field(6, m.state);
    field(7, m.concurrency);
    field(8, m.checkpoint_every);
    field(9, m.ends_on_exception);
    field(10, m.label, text);
    field(11, m.pending_max);
  }
};
struct actor_made {
  std::uint64_t actor = 0;
  std::uint32_t life = 1;
  bool is_so = true;
  std::string why;  ///< where it is not: the packed failure

  bool operator==(const actor_made&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.actor);
    field(2, m.life);
    field(3, m.is_so);
    field(4, m.why);
  }
};

/// Owner → host: end this life. Host → owner: it is over, because it was told to or by itself;
/// everything of it that was begun has been answered.
struct actor_end {
  std::uint64_t actor = 0;
  std::uint32_t life = 1;

  bool operator==(const actor_end&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.actor);
    field(2, m.life);
  }
};
struct actor_ended {
  enum class kind : std::uint8_t { told = 0, stopped = 1, failed = 2 };
  std::uint64_t actor = 0;
  std::uint32_t life = 1;
  std::uint8_t how = 0;
  std::string why;  ///< of a failure, packed

  bool operator==(const actor_ended&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.actor);
    field(2, m.life);
    field(3, m.how);
    field(4, m.why);
  }
};

/// Host → owner: a checkpoint. `actor_kept` answers; the calls that it covers are answered then.
struct actor_saved {
  std::uint64_t actor = 0;
  std::uint32_t life = 1;
  std::uint64_t number = 0;  ///< of the checkpoint, for the answer
  std::string state;
  std::vector<carried_object> objects;  ///< lent to the receiver until `objects_returned`

  bool operator==(const actor_saved&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.actor);
    field(2, m.life);
    field(3, m.number);
    field(4, m.state);
    field(5, m.objects);
  }
};
struct actor_kept {
  std::uint64_t number = 0;

  bool operator==(const actor_kept&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.number); }
};

struct actor_call {
  std::uint64_t number = 0;  ///< among the caller's calls to this actor
  std::string method;
  std::string arguments;  ///< packed, one after the other

  bool operator==(const actor_call&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.number);
    field(2, m.method, text);
    field(3, m.arguments);
  }
};
/// Any program → host: calls of one life of an actor, in their order. Each is answered.
struct actor_calls {
  std::uint64_t actor = 0;
  std::uint32_t life = 1;
  std::vector<actor_call> which;

  bool operator==(const actor_calls&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.actor);
    field(2, m.life);
    field(3, m.which);
  }
};
/// Caller → host: the result is not wanted any more.
struct actor_stop {
  std::uint64_t actor = 0;
  std::uint64_t number = 0;

  bool operator==(const actor_stop&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.actor);
    field(2, m.number);
  }
};
struct actor_outcome {
  enum class kind : std::uint8_t { value = 0, failed = 1, unbegun = 2 };
  std::uint64_t actor = 0;
  std::uint32_t life = 1;
  std::uint64_t number = 0;
  std::uint8_t how = 0;
  std::string bytes;                    ///< the packed result, or the packed failure
  std::vector<carried_object> objects;  ///< lent to the receiver until `objects_returned`

  bool operator==(const actor_outcome&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.actor);
    field(2, m.life);
    field(3, m.number);
    field(4, m.how);
    field(5, m.bytes);
    field(6, m.objects);
  }
};
/// Host → caller.
struct actor_outcomes {
  program_id owner;  ///< of these actors
  std::vector<actor_outcome> which;

  bool operator==(const actor_outcomes&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.owner);
    field(2, m.which);
  }
};

/// Any program → owner: where is this actor? `actor_news` answers, now and whenever that changes.
struct actor_watch {
  std::uint64_t actor = 0;

  bool operator==(const actor_watch&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.actor); }
};
struct actor_news {
  enum class kind : std::uint8_t {
    alive = 1,
    down = 2,       ///< it will be made anew
    gone = 3,       ///< for good
    host_lost = 4,  ///< no answers come from `host` any more
  };
  std::uint64_t actor = 0;
  std::uint8_t how = 1;
  std::uint32_t life = 0;
  program_id host;
  std::string why;  ///< of `gone`, packed

  bool operator==(const actor_news&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.actor);
    field(2, m.how);
    field(3, m.life);
    field(4, m.host);
    field(5, m.why);
  }
};
/// Any program → owner.
struct actor_kill {
  std::uint64_t actor = 0;

  bool operator==(const actor_kill&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.actor); }
};

/// Program → program: what CAF actors here say to actors there, letter after letter
/// (actors/caf_bridge/letter.hpp). One message holds many: they are packed where they are written.
struct actor_mail {
  std::string letters;

  bool operator==(const actor_mail&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.letters); }
};

/// Borrower → lender: these need not be kept for me any more. One that was lent twice is named
/// twice.
struct objects_returned {
  std::vector<object_name> which;

  bool operator==(const objects_returned&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.which); }
};

/// Any program → one that has the object: send me this part. `object_part` answers. Whoever asks
/// sees to it that not too much is under way.
struct object_ask {
  object_name which;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;

  bool operator==(const object_ask&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.which);
    field(2, m.offset);
    field(3, m.bytes);
  }
};
struct object_part {
  object_name which;
  std::uint64_t offset = 0;
  std::string bytes;
  fault why;  ///< with a detail, where there are no bytes

  bool operator==(const object_part&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.which);
    field(2, m.offset);
    field(3, m.bytes);
    field(4, m.why);
  }
};

/// Worker → owner: a running call has a question for whoever takes notes of this topic there;
/// `note_answer` has the same ticket, which is the worker's.
struct note {
  std::uint64_t ticket = 0;
  std::string topic;
  std::string body;

  bool operator==(const note&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.ticket);
    field(2, m.topic, text);
    field(3, m.body);
  }
};
struct note_answer {
  std::uint64_t ticket = 0;
  std::string body;
  fault why;  ///< with a detail, where there is no answer

  bool operator==(const note_answer&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.ticket);
    field(2, m.body);
    field(3, m.why);
  }
};

/// The order is the numbering on the wire (index + 1): append only.
using message =
    std::variant<serving, calls, recall, recalled, stop, retire, slot_change, outcomes, lend, lent,
                 go_on, actor_make, actor_made, actor_end, actor_ended, actor_saved, actor_kept,
                 actor_calls, actor_stop, actor_outcomes, actor_watch, actor_news, actor_kill,
                 actor_mail, objects_returned, object_ask, object_part, note, note_answer>;

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
