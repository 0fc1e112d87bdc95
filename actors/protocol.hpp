#pragma once

#include <caf/all.hpp>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "actors/store/head_store.hpp"
#include "scheduler/command.hpp"
#include "scheduler/engine.hpp"
#include "transport/poll_loop.hpp"
#include "transport/spawner_message.hpp"

/// What the actors of one process say to each other. These types stay inside the process, where CAF
/// only carries them; transport/message.hpp alone crosses machines.
namespace fabric::actors {

/// Poll loop → the owner of the connections in it: everything that one wake-up brought.
struct link_news {
  std::vector<transport::link_event_type> events;
};

/// Gateway → scheduler: what happened, in order.
struct happened {
  std::vector<scheduler::event_type> events;
};

/// Scheduler → gateway: commands whose records are durable.
struct carry_out {
  std::vector<scheduler::command_type> commands;
};

/// Scheduler → gateway: every session is to begin anew (the scheduler was reloaded from its store).
struct drop_sessions {
  fault why;
};

/// Scheduler → store: commit these; `committed` with the same number answers, in order.
struct commit {
  std::uint64_t number = 0;
  std::vector<scheduler::record_type> records;
};
struct committed {
  std::uint64_t number = 0;
  std::optional<fault> failed;
};

/// Store's writer → store: a commit is through, so its queue may have room again.
struct store_room {};

/// Anyone → store: run this on the store's thread between two commits. It must not keep the store.
struct store_job {
  std::function<void(store::head_store&)> work;
};

/// Scheduler → store, after a failed commit: open the file again and read it back.
struct reload {};
struct reloaded {
  std::shared_ptr<scheduler::snapshot> content;
  std::optional<fault> failed;
};

/// A client's question, and the answer on its way back (a JSON text or a fault).
struct question {
  scheduler::event::asker from;
  std::string topic;
  std::string arguments;
};
struct reply {
  scheduler::event::asker to;
  std::string body;
  std::optional<fault> failed;
};

/// Gateway → scheduler → gateway: on which node is the attempt's output?
struct locate_log {
  session_id reader;
  transport::log_read what;
};
struct log_located {
  session_id reader;
  transport::log_read what;  ///< with the attempt filled in
  node_id node;
  std::optional<fault> failed;
  bool not_started = false;
};

/// Gateway → scheduler → gateway: a node says that a task of its says this; is it so?
struct check_note {
  session_id session;
  node_id node;
  transport::note what;
};
struct note_checked {
  session_id session;
  transport::note what;
  bool runs = false;
};

/// Gateway → scheduler: tell this session of the job's tasks that are final already.
struct replay_finished {
  session_id watcher;
  job_id job;
};
/// Scheduler, store → gateway.
struct push {
  session_id to;
  std::vector<transport::message> messages;
};

/// Gateway → shelf: a request for a program's file; `push` answers.
struct shelf_request {
  session_id from;
  transport::message what;
};

/// Gateway → store → gateway: a joining machine's key.
struct key_admitted {
  transport::connection_id connection;
  std::string public_key;
  std::optional<fault> failed;
};
/// Gateway → store → gateway: a client had it made, or revoked.
struct key_made {
  scheduler::event::asker to;
  transport::role as = transport::role::client;
  std::string public_key;
};
struct key_revoked {
  scheduler::event::asker to;
  transport::role as = transport::role::client;
  std::string public_key;
  std::string name;
};

/// Spawner reader thread → node.
struct spawner_news {
  std::vector<transport::spawner::message> messages;
};
struct spawner_gone {};

/// Report door's thread → node: a task has sent a line, or does not wait for its answer any more.
struct task_spoke {
  std::uint64_t caller = 0;
  std::string line;
};
struct task_hung_up {
  std::uint64_t caller = 0;
};

/// Time passed; the receiver looks what is due.
struct wake_up {
  std::uint64_t number = 0;  ///< of the alarm it belongs to; older ones are ignored
};

/// Daemon → node: stop; hand back what still runs at `deadline`. `done` is called once nothing
/// runs.
struct stop_node {
  duration deadline{0};
  std::function<void()> done;
};

/// Program → client actor: a request for the head. `done` is called once, on an actor thread, with
/// the answering message or a fault.
struct call {
  transport::message body;
  duration timeout{0};  ///< 0: as long as the connection is worth waiting for
  std::function<void(result<transport::message>)> done;
};
/// Program → client actor: hear everything the head tells by itself (task_finished, job_finished).
struct listen_to {
  std::function<void(const transport::message&)> hear;
};
struct hang_up {};

using gateway_actor = caf::typed_actor<
    caf::reacts_to<link_news>, caf::reacts_to<carry_out>, caf::reacts_to<drop_sessions>,
    caf::reacts_to<reply>, caf::reacts_to<log_located>, caf::reacts_to<push>,
    caf::reacts_to<key_admitted>, caf::reacts_to<key_made>, caf::reacts_to<key_revoked>,
    caf::reacts_to<note_checked>, caf::reacts_to<wake_up>>;
using shelf_actor = caf::typed_actor<caf::reacts_to<shelf_request, gateway_actor>>;
using scheduler_actor =
    caf::typed_actor<caf::reacts_to<happened>, caf::reacts_to<committed>, caf::reacts_to<reloaded>,
                     caf::reacts_to<question>, caf::reacts_to<locate_log>,
                     caf::reacts_to<check_note>, caf::reacts_to<replay_finished>,
                     caf::reacts_to<wake_up>, caf::reacts_to<gateway_actor>>;

/// Scheduler → store, while the disk is full: is there space again? `committed` answers.
struct probe {
  std::uint64_t number = 0;
  scheduler_actor to;
};

using store_actor =
    caf::typed_actor<caf::reacts_to<commit, scheduler_actor>,
                     caf::reacts_to<reload, scheduler_actor>, caf::reacts_to<store_job>,
                     caf::reacts_to<probe>, caf::reacts_to<store_room>>;
using node_actor = caf::typed_actor<caf::reacts_to<link_news>, caf::reacts_to<spawner_news>,
                                    caf::reacts_to<spawner_gone>, caf::reacts_to<stop_node>,
                                    caf::reacts_to<task_spoke>, caf::reacts_to<task_hung_up>,
                                    caf::reacts_to<wake_up>>;
using client_actor =
    caf::typed_actor<caf::reacts_to<link_news>, caf::reacts_to<call>, caf::reacts_to<listen_to>,
                     caf::reacts_to<hang_up>, caf::reacts_to<wake_up>>;

}  // namespace fabric::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::link_news)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::happened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::carry_out)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::drop_sessions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::commit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::committed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::store_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::probe)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::store_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::reload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::reloaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::locate_log)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::log_located)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::check_note)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::note_checked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::replay_finished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::push)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::shelf_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::key_admitted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::key_made)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::key_revoked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::spawner_news)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::spawner_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::task_spoke)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::task_hung_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::wake_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::stop_node)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::listen_to)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::hang_up)
