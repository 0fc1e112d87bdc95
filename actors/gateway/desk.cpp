#include "actors/gateway/desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/convert.hpp"
#include "actors/gateway/door.hpp"
#include "actors/gateway/keys.hpp"
#include "actors/gateway/names.hpp"

namespace fabric::actors::desk {

namespace {

using transport::role;

/// Topics that change something; the rest only reads.
constexpr std::array<std::string_view, 10> orders = {"cancel",  "drain",     "forget", "lend",
                                                     "claim",   "admit",     "revoke", "keep",
                                                     "key new", "key revoke"};

bool is_order(std::string_view topic) {
  return std::find(orders.begin(), orders.end(), topic) != orders.end();
}

void forbid(gateway_state& s, session& who, const transport::message& body) {
  const auto type = transport::type_of(body);
  spdlog::warn("audit: {} may not say {}", s.out.describe(who.peer), transport::name_of_type(type));
  fault why{fault_code::forbidden,
            std::string{"the role "} + std::string{transport::name_of(who.peer.as)} +
                " may not say " + std::string{transport::name_of_type(type)},
            "use a key whose role may"};
  const auto request = transport::request_of(body).value_or(request_id{});
  s.out.send(who, transport::nack{type, request.value, std::move(why)});
}

template <class Event>
void accept(gateway_state& s, session& who, const transport::message& body, result<Event> event,
            events_of_turn& events) {
  if (event)
    events.emplace_back(std::move(*event));
  else
    s.out.send(who, transport::nack{transport::type_of(body), 0, std::move(event.error())});
}

void submit(gateway_state& s, session& who, transport::submit& what, events_of_turn& events) {
  const scheduler::event::asker asker{who.id, what.request};
  const bool wants_watch = what.watch;
  const bool is_owned = what.is_owned;
  if (is_owned && who.program == program_id{})
    return s.out.send(who, transport::failed{asker.request,
                                             {fault_code::forbidden,
                                              "only a program that said who it is can own a job",
                                              "submit it without an owner"}});
  auto job =
      convert::job(std::move(what), to_string(who.peer.id), is_owned ? who.program : program_id{});
  if (!job) return s.out.send(who, transport::failed{asker.request, std::move(job.error())});
  if (wants_watch) s.wants_watch.insert(asker);
  events.emplace_back(scheduler::event::job_submitted{asker, std::move(*job)});
}

void watch(gateway_state& s, session& who, const transport::watch& what) {
  s.watching.add(who.id, what.job);
  s.out.send(who, transport::answer{what.request, "{}"});
  caf::anon_send(s.scheduler, replay_finished{who.id, what.job});
}

/// From whoever watches the job, to the node whose task said something.
void answer_note(gateway_state& s, session& who, transport::note_answer& what) {
  const auto request = what.request;
  const auto watching = s.watching.of(what.id.task.job);
  if (std::find(watching.begin(), watching.end(), who.id) == watching.end())
    return s.out.send(
        who, transport::failed{request,
                               {fault_code::forbidden, "only who watches a job answers its tasks",
                                "watch " + to_string(what.id.task.job) + " first"}});
  const auto* node = s.sessions.find(std::exchange(what.to, {}));
  what.request = {};
  if (node != nullptr && node->peer.as == role::worker) s.out.send(node->id, std::move(what));
  s.out.send(who, transport::answer{request, "{}"});
}

void ask(gateway_state& s, const gateway_actor& me, session& who, transport::ask& what) {
  if (keys::hear(s, me, who, what)) return;
  const bool is_routine = what.topic == "lend" || what.topic == "claim";
  if (is_order(what.topic) && !is_routine)
    spdlog::info("audit: {} {} by {}", what.topic, what.arguments, to_string(who.peer.id));
  caf::anon_send(
      s.scheduler,
      question{{who.id, what.request}, std::move(what.topic), std::move(what.arguments)});
}

/// An observer may look at everything and change nothing.
bool may(const session& who, const transport::message& body) {
  if (who.peer.as == role::client) return true;
  const auto* question = std::get_if<transport::ask>(&body);
  return !std::holds_alternative<transport::submit>(body) &&
         !std::holds_alternative<transport::note_answer>(body) &&
         !std::holds_alternative<transport::blob_write>(body) &&
         !std::holds_alternative<transport::blob_read>(body) &&
         !(question != nullptr && is_order(question->topic));
}

/// Counts the request until it is answered.
bool has_credit(gateway_state& s, session& who, const transport::message& body) {
  const auto request = transport::request_of(body);
  if (!request || who.requests.open(*request, now())) return true;
  s.out.send(
      who, transport::failed{*request,
                             {fault_code::busy,
                              std::to_string(who.requests.credits()) +
                                  " requests of this session are under way, as many as it may have",
                              "ask again when some are answered"}});
  return false;
}

}  // namespace

void hear_worker(gateway_state& s, session& who, transport::message& body, events_of_turn& events) {
  const node_id node = who.peer.id;
  if (auto* chunk = std::get_if<transport::log_chunk>(&body)) {
    if (s.reads.answered(who.id, {chunk->reader, chunk->request})) s.out.send(chunk->reader, body);
  } else if (auto* heartbeat = std::get_if<transport::heartbeat>(&body)) {
    accept(s, who, body, convert::node_heartbeat(node, who.id, *heartbeat), events);
  } else if (auto* started = std::get_if<transport::started>(&body)) {
    events.emplace_back(convert::attempt_started(node, *started));
  } else if (auto* declined = std::get_if<transport::declined>(&body)) {
    events.emplace_back(convert::attempt_declined(node, *declined));
  } else if (auto* report = std::get_if<transport::report>(&body)) {
    accept(s, who, body, convert::attempt_ended(node, std::move(*report)), events);
  } else if (auto* note = std::get_if<transport::note>(&body)) {
    caf::anon_send(s.scheduler, check_note{who.id, node, std::move(*note)});
  } else if (auto* leaving = std::get_if<transport::leaving>(&body)) {
    accept(s, who, body, convert::drain_requested(node, *leaving), events);
  } else if (std::holds_alternative<transport::goodbye>(body)) {
    events.emplace_back(scheduler::event::node_left{node, who.id});
    door::leave(s, who, events);
  } else if (!std::holds_alternative<transport::nack>(body)) {
    forbid(s, who, body);
  }
}

void hear_client(gateway_state& s, const gateway_actor& me, session& who, transport::message& body,
                 events_of_turn& events) {
  if (!may(who, body)) return forbid(s, who, body);
  if (!has_credit(s, who, body)) return;
  if (auto* heartbeat = std::get_if<transport::heartbeat>(&body)) {
    s.out.send(who, transport::renewed{heartbeat->worker_time, {}});
  } else if (auto* submission = std::get_if<transport::submit>(&body)) {
    submit(s, who, *submission, events);
  } else if (auto* wish = std::get_if<transport::watch>(&body)) {
    watch(s, who, *wish);
  } else if (auto* question = std::get_if<transport::ask>(&body)) {
    ask(s, me, who, *question);
  } else if (std::holds_alternative<transport::blob_write>(body) ||
             std::holds_alternative<transport::blob_read>(body)) {
    caf::anon_send(s.how.shelf, shelf_request{who.id, std::move(body)}, me);
  } else if (auto* log = std::get_if<transport::log_read>(&body)) {
    caf::anon_send(s.scheduler, locate_log{who.id, std::move(*log)});
  } else if (auto* answer = std::get_if<transport::note_answer>(&body)) {
    answer_note(s, who, *answer);
  } else if (std::holds_alternative<transport::goodbye>(body)) {
    door::leave(s, who, events);
  } else if (!names::hear(s, who, body) && !std::holds_alternative<transport::nack>(body)) {
    forbid(s, who, body);
  }
}

void hear_unknown(gateway_state& s, transport::connection_id from, const transport::header& head,
                  events_of_turn& events) {
  s.out.send(from,
             transport::nack{head.type,
                             0,
                             {fault_code::unsupported,
                              "message type " + std::to_string(head.type) + " is not known here",
                              "upgrade the head"}});
  if (!head.must_understand) return;
  door::lose(s, from, events);
  s.out.close(from);
}

void pass_on(gateway_state& s, log_located& found) {
  auto* reader = s.sessions.find(found.reader);
  if (reader == nullptr) return;
  const auto request = found.what.request;
  if (found.failed) {
    s.out.send(*reader, transport::failed{request, std::move(*found.failed)});
    return;
  }
  if (found.not_started) {
    s.out.send(*reader, transport::log_chunk{.request = request,
                                             .id = found.what.id,
                                             .stream = found.what.stream,
                                             .offset = found.what.offset});
    return;
  }
  auto* holder = s.sessions.of_node(found.node);
  if (holder == nullptr) {
    s.out.send(*reader,
               transport::failed{request,
                                 {fault_code::unreachable,
                                  "the output of " + to_string(found.what.id) + " lies on node " +
                                      s.out.name_of(found.node) + ", which is not connected",
                                  "try again when the node is back"}});
    return;
  }
  found.what.reader = found.reader;
  s.reads.asked(holder->id, {found.reader, request});
  s.out.send(*holder, std::move(found.what));
}

void pass_on(gateway_state& s, note_checked& found) {
  auto& what = found.what;
  if (!found.runs) {
    const nlohmann::json why = {
        {"error",
         {{"code", name_of(fault_code::stale_attempt)},
          {"detail", "attempt " + to_string(what.id) + " does not run there any more"},
          {"hint", "its task is over, or runs again elsewhere"}}}};
    return s.out.send(found.session, transport::note_answer{
                                         .number = what.number, .id = what.id, .body = why.dump()});
  }
  what.from = found.session;
  for (const auto watcher : s.watching.of(what.id.task.job)) s.out.send(watcher, what);
}

}  // namespace fabric::actors::desk
