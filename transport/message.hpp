#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fabric/demand.hpp"
#include "fabric/fault.hpp"
#include "fabric/ids.hpp"
#include "fabric/instant.hpp"
#include "transport/describe.hpp"

/// The wire vocabulary: every message of protocol 1, one struct each.
///
/// A struct's `describe` lists its fields with their numbers on the wire; the codec (codec.hpp) is
/// generated from it. Rules for a later minor version: numbers are never reused, new fields get new
/// numbers and a default that means what their absence meant before, semantics change only behind
/// a feature bit. A reader skips numbers it does not know and leaves defaults where one is absent.
namespace fabric::transport {

inline constexpr std::uint16_t protocol_major = 1;
inline constexpr std::uint16_t protocol_minor = 0;

/// What a peer is, bound to its CURVE key by the head.
enum class role : std::uint8_t { head = 0, worker = 1, client = 2, observer = 3, joiner = 4 };
std::string_view name_of(role r);

/// An open range of protocol versions a peer speaks, as major << 16 | minor.
struct version_range {
  std::uint32_t lowest = protocol_major << 16;
  std::uint32_t highest = (protocol_major << 16) | protocol_minor;

  bool operator==(const version_range&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.lowest);
    field(2, m.highest);
  }
};

struct held {
  attempt_id id;
  bool ended = false;

  bool operator==(const held&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.ended);
  }
};

/// What a worker node says of itself.
struct node_description {
  std::string name;
  std::string host;
  incarnation_id incarnation;
  std::string boot_id;
  capacity has;
  std::vector<held> holding;

  bool operator==(const node_description&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.name, text);
    field(2, m.host, text);
    field(3, m.incarnation);
    field(4, m.boot_id, text);
    field(5, m.has);
    field(6, m.holding);
  }
};

/// What a program that uses the library says of itself: other programs find it by this id, over
/// reconnections, as long as the same key comes with it.
struct program_description {
  program_id id;
  std::string name;  ///< for people
  /// A public key (32 bytes, or empty) that is admitted as a client's for as long as the program is
  /// there: its worker processes show it, so that its own key never leaves the machine.
  std::string lent_key;
  /// Where other programs may reach it without the head ("tcp://10.0.0.7:41234"; empty: nowhere),
  /// and the public key (32 bytes) of the server there.
  std::string endpoint;
  std::string endpoint_key;

  bool operator==(const program_description&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.name, text);
    field(3, m.lent_key);
    field(4, m.endpoint, text);
    field(5, m.endpoint_key);
  }
};

/// Dialler → head, first on every connection.
struct hello {
  version_range speaks;
  std::string software;  ///< "0.1.0"
  std::vector<std::string> features;
  std::string cluster;           ///< id of the cluster it wants, empty where it does not know
  std::uint64_t epoch_seen = 0;  ///< highest head epoch it ever saw
  std::optional<node_description> node;        ///< for workers
  instant worker_time{};                       ///< sender's own CLOCK_BOOTTIME
  std::optional<program_description> program;  ///< for programs that talk to each other

  bool operator==(const hello&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.speaks);
    field(2, m.software, text);
    field(3, m.features, text);
    field(4, m.cluster, text);
    field(5, m.epoch_seen);
    field(6, m.node);
    field(7, m.worker_time);
    field(8, m.program);
  }
};

/// Head → dialler: the session is open.
struct welcome {
  std::uint32_t version = 0;  ///< the one to speak: major << 16 | minor
  std::string software;
  std::vector<std::string> features;  ///< of both
  std::string cluster;
  std::uint64_t epoch = 0;
  session_id session;
  node_id node;  ///< the dialler's id, from its key
  duration lease{0};
  duration heartbeat{0};         ///< send one this often
  std::uint32_t credits = 0;     ///< requests in flight at most
  std::vector<attempt_id> keep;  ///< for workers
  std::vector<attempt_id> kill;
  instant worker_time{};  ///< echo of HELLO's

  bool operator==(const welcome&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.version);
    field(2, m.software, text);
    field(3, m.features, text);
    field(4, m.cluster, text);
    field(5, m.epoch);
    field(6, m.session);
    field(7, m.node);
    field(8, m.lease);
    field(9, m.heartbeat);
    field(10, m.credits);
    field(11, m.keep);
    field(12, m.kill);
    field(13, m.worker_time);
  }
};

/// Head → dialler: no session. `why` says which side to upgrade where versions are the cause.
struct refused {
  fault why;
  version_range speaks;  ///< what the head speaks
  std::string software;
  duration retry_after{0};  ///< 0: do not retry

  bool operator==(const refused&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.why);
    field(2, m.speaks);
    field(3, m.software, text);
    field(4, m.retry_after);
  }
};

/// Head → anyone who speaks before HELLO or in a session the head does not know: start anew.
struct unknown_session {
  bool operator==(const unknown_session&) const = default;
  static void describe(auto&, auto&&) {}
};

/// Either side: this message of yours was not taken.
struct nack {
  std::uint16_t type = 0;  ///< of the refused message
  std::uint64_t id = 0;    ///< its request id, if it had one
  fault why;

  bool operator==(const nack&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.type);
    field(2, m.id);
    field(3, m.why);
  }
};

/// Dialler → head: I leave; hold nothing for me.
struct goodbye {
  bool operator==(const goodbye&) const = default;
  static void describe(auto&, auto&&) {}
};

/// New machine (with the joining key of the token) → head: admit this key of mine as a worker's.
struct join {
  std::string public_key;  ///< 32 bytes
  std::string name;
  std::string software;

  bool operator==(const join&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.public_key);
    field(2, m.name, text);
    field(3, m.software, text);
  }
};
/// Head → new machine: the key is admitted, durably.
struct joined {
  node_id node;
  std::string cluster;

  bool operator==(const joined&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.node);
    field(2, m.cluster, text);
  }
};

/// Both ways. A worker's `worker_time` is its own clock; the head's answer echoes it.
struct heartbeat {
  instant worker_time{};

  bool operator==(const heartbeat&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.worker_time); }
};
struct renewed {
  instant worker_time{};
  duration lease{0};

  bool operator==(const renewed&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.worker_time);
    field(2, m.lease);
  }
};

/// Worker → head: I am about to stop. Nothing new for me; what runs is handed back after
/// `deadline`.
struct leaving {
  duration deadline{0};

  bool operator==(const leaving&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.deadline); }
};

/// Head → worker: start this attempt. `payload` is the job's (work.hpp).
struct grant {
  attempt_id id;
  std::string payload;
  std::string job_name;
  std::string study;
  demand needs;
  std::vector<gpu_share> gpus;
  bool is_array = false;
  duration time_limit{0};
  duration lease{0};
  instant worker_time{};

  bool operator==(const grant&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.payload);
    field(3, m.job_name, text);
    field(4, m.study, text);
    field(5, m.needs);
    field(6, m.gpus);
    field(7, m.is_array);
    field(8, m.time_limit);
    field(9, m.lease);
    field(10, m.worker_time);
  }
};
/// Worker → head: the attempt's process is started. Acknowledges the grant.
struct started {
  attempt_id id;

  bool operator==(const started&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.id); }
};
/// Worker → head: not started. Acknowledges the grant.
struct declined {
  attempt_id id;
  bool late = false;

  bool operator==(const declined&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.late);
  }
};
/// Head → worker: stop this attempt.
struct revoke {
  attempt_id id;
  duration grace{0};
  std::uint8_t because = 0;  ///< scheduler::ending

  bool operator==(const revoke&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.grace);
    field(3, m.because);
  }
};
/// Worker → head: the attempt is over. Sent until acknowledged.
struct report {
  attempt_id id;
  std::uint8_t how = 0;  ///< scheduler::ending
  std::string body;      ///< work.hpp, task_report

  bool operator==(const report&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.how);
    field(3, m.body);
  }
};
struct report_ack {
  attempt_id id;
  bool stale = false;

  bool operator==(const report_ack&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.stale);
  }
};

/// Client → head: run this, durably. Sent again with the same request until answered; a key makes
/// it safe across sessions. With `watch` the head sends `task_finished` for each task of the job
/// (at once for those already final) as long as the session lives.
struct submit {
  request_id request;
  std::string name;
  std::string key;
  std::string study;
  std::string payload;
  demand needs;
  std::int32_t priority = 0;
  std::uint32_t retries = 0;
  duration backoff_first{std::chrono::seconds{1}};
  duration backoff_longest{std::chrono::seconds{60}};
  std::uint32_t poison_after = 3;
  duration time_limit{0};
  duration expires_after{0};
  std::uint32_t first_index = 0;
  std::uint32_t count = 1;
  bool is_array = false;
  std::vector<job_id> after;
  bool watch = false;
  /// The job lives no longer than the program that submits it: it is cancelled when that is gone.
  bool is_owned = false;

  bool operator==(const submit&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.name, text);
    field(3, m.key, text);
    field(4, m.study, text);
    field(5, m.payload);
    field(6, m.needs);
    field(7, m.priority);
    field(8, m.retries);
    field(9, m.backoff_first);
    field(10, m.backoff_longest);
    field(11, m.poison_after);
    field(12, m.time_limit);
    field(13, m.expires_after);
    field(14, m.first_index);
    field(15, m.count);
    field(16, m.is_array);
    field(17, m.after);
    field(18, m.watch);
    field(19, m.is_owned);
  }
};
struct submitted {
  request_id request;
  job_id job;
  bool existed = false;
  std::string note;  ///< for people: that no node known now could ever run it; else empty

  bool operator==(const submitted&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.job);
    field(3, m.existed);
    field(4, m.note);
  }
};
/// Head → client: the request was not carried out.
struct failed {
  request_id request;
  fault why;

  bool operator==(const failed&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.why);
  }
};
/// Client → head: send `task_finished` for this job's tasks from now on, and for those already
/// final.
struct watch {
  request_id request;
  job_id job;

  bool operator==(const watch&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.job);
  }
};
/// Head → watching client.
struct task_finished {
  task_id task;
  std::uint8_t state = 0;  ///< scheduler::task_state
  attempt_number attempt = 0;
  node_id node;
  std::string node_name;
  std::string report;  ///< work.hpp, task_report; may be empty

  bool operator==(const task_finished&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.task);
    field(2, m.state);
    field(3, m.attempt);
    field(4, m.node);
    field(5, m.node_name, text);
    field(6, m.report);
  }
};
/// Head → watching client: every task is final and told.
struct job_finished {
  job_id job;
  bool all_succeeded = false;

  bool operator==(const job_finished&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.job);
    field(2, m.all_succeeded);
  }
};

/// Client → head: anything that is read or administered, by topic ("status", "list", "get",
/// "explain", "cancel", "drain", "forget", "ping" ...). Arguments and answer are JSON texts, so
/// that an older and a newer side understand each other as far as they can.
struct ask {
  request_id request;
  std::string topic;
  std::string arguments;  ///< JSON object or empty

  bool operator==(const ask&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.topic, text);
    field(3, m.arguments);
  }
};
struct answer {
  request_id request;
  std::string body;  ///< JSON

  bool operator==(const answer&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.body);
  }
};

/// Client → head → worker: bytes of a task's output from `offset`. Waits up to `wait` for more to
/// appear. Pull-based, so a slow reader slows nobody.
struct log_read {
  request_id request;
  attempt_id id;            ///< attempt 0: the newest
  std::uint8_t stream = 1;  ///< 1 stdout, 2 stderr
  std::uint64_t offset = 0;
  bool from_end = false;  ///< `offset` counts back from the end
  std::uint32_t bytes_max = 256 * 1024;
  duration wait{0};
  session_id reader;  ///< head → worker only: whom the answer is for

  bool operator==(const log_read&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.id);
    field(3, m.stream);
    field(4, m.offset);
    field(5, m.from_end);
    field(6, m.bytes_max);
    field(7, m.wait);
    field(8, m.reader);
  }
};
struct log_chunk {
  request_id request;
  attempt_id id;
  std::uint8_t stream = 1;
  std::uint64_t offset = 0;  ///< of data's first byte
  std::string data;
  bool end = false;          ///< the attempt is over and this is the last of it
  bool lost_before = false;  ///< earlier bytes were dropped by the size cap
  session_id reader;

  bool operator==(const log_chunk&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.id);
    field(3, m.stream);
    field(4, m.offset);
    field(5, m.data);
    field(6, m.end);
    field(7, m.lost_before);
    field(8, m.reader);
  }
};

/// Program → head → program: a channel's frame (channel.hpp), which the head does not look into.
/// The head fills in `from`; whoever is away for the moment gets nothing (channels send again).
struct parcel {
  program_id to;
  program_id from;
  std::string body;

  bool operator==(const parcel&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.to);
    field(2, m.from);
    field(3, m.body);
  }
};
/// Head → program that has sent or was sent a parcel: this program will not be back.
struct program_gone {
  program_id program;

  bool operator==(const program_gone&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.program); }
};

/// Client → head: a piece of a file that is known by its hash (BLAKE2b-256, 32 bytes), so that
/// worker processes can have it. Pieces come in order; one without data asks how far the head is.
struct blob_write {
  request_id request;
  std::string hash;
  std::uint64_t total = 0;
  std::uint64_t offset = 0;
  std::string data;

  bool operator==(const blob_write&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.hash);
    field(3, m.total);
    field(4, m.offset);
    field(5, m.data);
  }
};
/// Head → client: this much of it is here. Where that is all, it was found to have its hash.
struct blob_state {
  request_id request;
  std::uint64_t here = 0;
  bool is_complete = false;

  bool operator==(const blob_state&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.here);
    field(3, m.is_complete);
  }
};
/// Client → head: a piece of it. Pull-based, so that a slow reader slows nobody.
struct blob_read {
  request_id request;
  std::string hash;
  std::uint64_t offset = 0;
  std::uint32_t bytes_max = 1 << 20;

  bool operator==(const blob_read&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.hash);
    field(3, m.offset);
    field(4, m.bytes_max);
  }
};
struct blob_part {
  request_id request;
  std::uint64_t total = 0;
  std::uint64_t offset = 0;
  std::string data;

  bool operator==(const blob_part&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.total);
    field(3, m.offset);
    field(4, m.data);
  }
};

/// Program → head: it holds this name from now on, and `target` (at most 4 KiB, for whoever finds
/// it) is what stands behind it. `name_found` answers, or `failed`. Names end with the program, and
/// are claimed anew in each session.
struct name_claim {
  request_id request;
  std::string name_space;
  std::string name;
  std::string target;
  /// It held the name in an earlier session. A head that was restarted decides on other claims only
  /// when those who held names have had time to come back.
  bool is_again = false;

  bool operator==(const name_claim&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.name_space, text);
    field(3, m.name, text);
    field(4, m.target);
    field(5, m.is_again);
  }
};
/// Program → head: it does not hold the name any more. `answer` in any case.
struct name_release {
  request_id request;
  std::string name_space;
  std::string name;

  bool operator==(const name_release&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.name_space, text);
    field(3, m.name, text);
  }
};
/// Client → head: who holds this name? Where nobody does, the answer waits for somebody, for so
/// long at most.
struct name_find {
  request_id request;
  std::string name_space;
  std::string name;
  duration wait{0};

  bool operator==(const name_find&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.name_space, text);
    field(3, m.name, text);
    field(4, m.wait);
  }
};
struct name_found {
  request_id request;
  program_id program;
  std::string target;

  bool operator==(const name_found&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.program);
    field(3, m.target);
  }
};

/// Program → head: a path to that program without the head is wanted. No answer where there can be
/// none. `dialled_in_vain`: this side could not reach the other, which may try in turn.
struct introduce {
  program_id to;
  bool dialled_in_vain = false;

  bool operator==(const introduce&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.to);
    field(2, m.dialled_in_vain);
  }
};
/// Head → both programs: the one that has an `endpoint` here dials it; the other one admits
/// `peer_key`.
struct introduced {
  program_id program;
  std::string endpoint;
  std::string endpoint_key;
  std::string peer_key;

  bool operator==(const introduced&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.program);
    field(2, m.endpoint, text);
    field(3, m.endpoint_key);
    field(4, m.peer_key);
  }
};

/// Head → program: others wait for what its workers hold, and it holds more than they: it is to
/// give something back. Said again while it lasts.
struct pressed {
  bool operator==(const pressed&) const = default;
  static void describe(auto&, auto&&) {}
};

/// Worker → head → whoever watches the job: a task says something while it runs, and waits until it
/// is answered by NOTE_ANSWER; sent again until then, so an answer must be the same each time. JSON
/// texts, so that an older and a newer side understand each other as far as they can.
struct note {
  std::uint64_t number = 0;  ///< the node's, back in the answer
  attempt_id id;
  std::string body;  ///< JSON object
  session_id from;   ///< head → client only: whom the answer is for

  bool operator==(const note&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.number);
    field(2, m.id);
    field(3, m.body);
    field(4, m.from);
  }
};
/// Watching client → head → worker. Also head → worker, where the attempt does not run. The head
/// confirms a client's with `answer`.
struct note_answer {
  request_id request;
  std::uint64_t number = 0;
  attempt_id id;
  std::string body;  ///< JSON object
  session_id to;     ///< client → head only

  bool operator==(const note_answer&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.request);
    field(2, m.number);
    field(3, m.id);
    field(4, m.body);
    field(5, m.to);
  }
};

/// The order is the numbering on the wire (index + 1): append only.
using message =
    std::variant<hello, welcome, refused, unknown_session, nack, goodbye, join, joined, heartbeat,
                 renewed, grant, started, declined, revoke, report, report_ack, submit, submitted,
                 failed, watch, task_finished, job_finished, ask, answer, log_read, log_chunk,
                 leaving, parcel, program_gone, blob_write, blob_state, blob_read, blob_part,
                 name_claim, name_release, name_find, name_found, introduce, introduced, pressed,
                 note, note_answer>;

/// The number of the request that this message makes or answers, where it does either.
std::optional<request_id> request_of(const message& m);

/// What precedes each message.
struct header {
  std::uint32_t version = (protocol_major << 16) | protocol_minor;
  std::uint16_t type = 0;        ///< message number; filled by the codec
  session_id session;            ///< 0 before WELCOME
  std::uint64_t sequence = 0;    ///< per session and direction; gaps are counted, not errors
  std::uint64_t epoch = 0;       ///< of the head, once known
  bool must_understand = false;  ///< a reader that does not know `type` cuts the session

  bool operator==(const header&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.version);
    field(2, m.type);
    field(3, m.session);
    field(4, m.sequence);
    field(5, m.epoch);
    field(6, m.must_understand);
  }
};

}  // namespace fabric::transport
