#include "actors/node_actor.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "actors/clock.hpp"
#include "actors/convert.hpp"
#include "actors/node/open_notes.hpp"
#include "actors/node/output_reader.hpp"
#include "actors/node/report_door.hpp"
#include "actors/node/spool.hpp"
#include "actors/spawner/spawner.hpp"
#include "scheduler/agent.hpp"
#include "transport/codec.hpp"

namespace fabric::actors {

namespace {

namespace fs = std::filesystem;
namespace agents = scheduler::agent_event;
namespace orders = scheduler::agent_command;

/// How often a waiting reader of output is looked after.
constexpr duration output_poll = std::chrono::milliseconds{25};
constexpr duration idle_tick = std::chrono::seconds{1};

struct waiting_reader {
  transport::log_read what;
  instant until;
};

struct node_state {
  node_settings how;
  std::optional<head_link> link;
  std::optional<scheduler::agent> core;
  std::optional<spool> reports;
  std::shared_ptr<spawner::link> processes;
  std::map<attempt_id, bool> here;  ///< attempts with a process; true where it has a scratch folder
  std::vector<waiting_reader> readers;
  std::unique_ptr<report_door> door;  ///< none where its folder cannot hold one
  open_notes notes;
  std::function<void()> stopped;
  std::uint64_t alarm = 0;
  instant alarm_at = never;
  bool leaving = false;
};

using node_self = node_actor::stateful_pointer<node_state>;

bool folder_exists(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::string as_answer(const fault& why) {
  return nlohmann::json{
      {"error", {{"code", name_of(why.code)}, {"detail", why.detail}, {"hint", why.hint}}}}
      .dump();
}

class node {
 public:
  explicit node(node_self self) : self_(self), s_(self->state) {}

  void hear(std::vector<transport::link_event_type>& events) {
    for (auto& outcome : s_.link->take(events, now())) on(outcome);
    settle();
  }

  void hear(std::vector<transport::spawner::message>& messages) {
    for (auto& message : messages) {
      if (auto* started = std::get_if<transport::spawner::process_started>(&message))
        feed(agents::process_started{started->id});
      else if (auto* ended = std::get_if<transport::spawner::process_ended>(&message))
        process_ended(*ended);
    }
    settle();
  }

  /// A task says {"attempt": "17.0#1", ...}; the rest is for whoever watches its job.
  void task_spoke(const actors::task_spoke& what) {
    auto said = nlohmann::json::parse(what.line, nullptr, false);
    const auto name = said.is_object() ? said.value("attempt", nlohmann::json{}) : said;
    const auto one = std::find_if(s_.here.begin(), s_.here.end(), [&name](const auto& each) {
      return name.is_string() && to_string(each.first) == name.template get<std::string>();
    });
    if (one == s_.here.end()) {
      s_.door->answer(what.caller, as_answer({fault_code::stale_attempt,
                                              "this attempt does not run on this node", ""}));
      return;
    }
    said.erase("attempt");
    say(s_.notes.add(what.caller, one->first, said.dump(), now()));
    settle();
  }

  void task_hung_up(const actors::task_hung_up& what) { s_.notes.hung_up(what.caller); }

  void spawner_gone() {
    s_.how.broken({fault_code::internal, "the spawner process is gone, and every task with it",
                   "start the daemon again"});
  }

  void stop(stop_node& what) {
    s_.stopped = std::move(what.done);
    say(transport::leaving{what.deadline});
    feed(agents::drain{what.deadline});
    settle();
  }

  void tick(std::uint64_t number) {
    if (number != s_.alarm) return;
    s_.alarm_at = never;
    const instant at = now();
    if (auto lost = s_.link->tick(at)) on(*lost);
    if (at >= s_.core->next_wakeup()) feed(agents::ticked{});
    if (s_.link->owes_heartbeat(at)) say(transport::heartbeat{at});
    for (const auto& note : s_.notes.due(at)) say(note);
    serve_readers();
    settle();
  }

  void begin() {
    std::size_t damaged = 0;
    for (auto& report : s_.reports->load(damaged))
      if (auto how = convert::ending(report.how))
        s_.core->adopt_spooled(report.id, *how, std::move(report.body));
    if (damaged > 0) spdlog::warn("{} reports in the spool cannot be read", damaged);
    s_.link->saw_epoch(s_.how.epoch_seen);
    s_.link->dial(now());
    settle();
  }

 private:
  // The session.
  void on(link_outcome_type& outcome) {
    if (auto* open = std::get_if<link_outcome::open>(&outcome))
      opened(open->terms);
    else if (auto* heard = std::get_if<link_outcome::heard>(&outcome))
      for (auto& message : heard->messages) take(message);
    else
      lost(std::get<link_outcome::lost>(outcome));
  }

  void opened(transport::welcome& terms) {
    spdlog::info("joined the head: fabric {}, epoch {}, lease {} ms", terms.software, terms.epoch,
                 terms.lease.count() / 1000);
    if (s_.how.saw_epoch) s_.how.saw_epoch(terms.epoch);
    feed_if_good(terms, convert::welcomed(terms));
    s_.notes.all_due();
    if (s_.how.first_contact) std::exchange(s_.how.first_contact, nullptr)(std::move(terms));
  }

  void lost(link_outcome::lost& what) {
    feed(agents::session_lost{});
    s_.readers.clear();
    if (s_.how.first_contact) {
      s_.link->close();
      std::exchange(s_.how.first_contact, nullptr)(std::move(what.why));
      return;
    }
    if (s_.leaving) return;
    spdlog::warn("no session with the head: {}", to_line(what.why));
    if (what.why.code == fault_code::forbidden) s_.how.broken(std::move(what.why));
  }

  void take(transport::message& body) {
    if (auto* read = std::get_if<transport::log_read>(&body)) {
      s_.readers.push_back({std::move(*read), now() + std::min<duration>(read->wait, max_wait)});
      serve_readers();
      return;
    }
    if (auto* nack = std::get_if<transport::nack>(&body)) {
      spdlog::warn("the head did not take a {}: {}", transport::name_of_type(nack->type),
                   to_line(nack->why));
      if (nack->type == transport::type_of(transport::note{}))
        for (const auto caller : s_.notes.give_up()) s_.door->answer(caller, as_answer(nack->why));
      return;
    }
    if (const auto* answer = std::get_if<transport::note_answer>(&body)) {
      if (const auto caller = s_.notes.answered(answer->number, answer->id))
        s_.door->answer(*caller, answer->body);
      return;
    }
    if (auto* grant = std::get_if<transport::grant>(&body))
      feed_if_good(body, convert::granted(*grant));
    else if (auto* renewed = std::get_if<transport::renewed>(&body))
      feed_if_good(body, convert::renewed(*renewed));
    else if (auto* revoke = std::get_if<transport::revoke>(&body))
      feed_if_good(body, convert::revoked(*revoke));
    else if (auto* ack = std::get_if<transport::report_ack>(&body))
      feed(convert::report_acknowledged(*ack));
    else
      spdlog::warn("ignored a {} from the head", transport::name_of_type(transport::type_of(body)));
  }

  template <class Event>
  void feed_if_good(const transport::message& body, const result<Event>& event) {
    if (event)
      feed(*event);
    else
      spdlog::warn("ignored a {} from the head: {}",
                   transport::name_of_type(transport::type_of(body)), to_line(event.error()));
  }

  // Processes.
  void process_ended(transport::spawner::process_ended& what) {
    auto found = s_.here.find(what.id);
    if (found != s_.here.end()) {
      std::error_code ignored;
      if (found->second) fs::remove_all(scratch_path(s_.how.facts.state_dir, what.id), ignored);
      s_.here.erase(found);
    }
    auto how = convert::ending(ending_of(what));
    feed(agents::process_ended{what.id, *how, transport::encode(report_of(what, s_.how.facts))});
  }

  void start(orders::start_process& what) {
    auto grant = convert::granted_work(what.work);
    auto made =
        grant ? launch_of(*grant, s_.how.facts, &folder_exists) : result<launch>{grant.error()};
    if (made && made->uses_scratch) {
      std::error_code failed;
      fs::create_directories(made->start.cwd, failed);
      if (failed)
        made =
            fault{fault_code::store_failed,
                  "cannot make the work folder " + made->start.cwd + ": " + failed.message(), ""};
    }
    if (!made) {
      unstartable(what.id, made.error());
      return;
    }
    s_.here[what.id] = made->uses_scratch;
    if (auto sent = s_.processes->send(transport::spawner::message{std::move(made->start)}); !sent)
      unstartable(what.id, sent.error());
  }

  void unstartable(attempt_id id, const fault& why) {
    transport::task_report report{.exit_code = -1,
                                  .code = std::string{fabric::name_of(why.code)},
                                  .detail = why.detail,
                                  .host = s_.how.facts.host,
                                  .started_ms = wall_ms(),
                                  .ended_ms = wall_ms()};
    later_.emplace_back(
        agents::process_ended{id, scheduler::ending::unstartable, transport::encode(report)});
  }

  // The core's orders.
  void feed(const scheduler::agent_event_type& what) {
    auto commands = s_.core->step(what, now());
    for (auto& command : commands) std::visit([&](auto& order) { perform(order); }, command);
    while (!later_.empty()) {
      auto next = std::move(later_.back());
      later_.pop_back();
      feed(next);
    }
  }

  void perform(orders::send_heartbeat& what) { say(transport::heartbeat{what.worker_time}); }
  void perform(orders::start_process& what) { start(what); }
  void perform(orders::kill_process& what) {
    tell_spawner(transport::spawner::kill{what.id, what.grace});
  }
  void perform(orders::set_fence& what) { tell_spawner(transport::spawner::fence{what.at}); }
  void perform(orders::send_started& what) { say(transport::started{what.id}); }
  void perform(orders::send_declined& what) { say(transport::declined{what.id, what.late}); }
  void perform(orders::send_report& what) {
    say(transport::report{what.id, static_cast<std::uint8_t>(what.how), std::move(what.report)});
  }
  void perform(orders::spool_report& what) {
    auto kept =
        s_.reports->keep({what.id, static_cast<std::uint8_t>(what.how), std::move(what.report)});
    if (!kept) spdlog::warn("{}", to_line(kept.error()));
  }
  void perform(orders::drop_spooled& what) { s_.reports->drop(what.id); }
  void perform(orders::drained&) {
    s_.leaving = true;
    say(transport::goodbye{});
    if (s_.stopped) std::exchange(s_.stopped, nullptr)();
  }

  /// Without a session nothing is sent: the core sends what matters again in the next one.
  void say(const transport::message& body) {
    if (auto sent = s_.link->send(body, now()); !sent && sent.error().code == fault_code::too_large)
      spdlog::error("{}", to_line(sent.error()));
  }

  void tell_spawner(transport::spawner::message what) {
    if (auto sent = s_.processes->send(what); !sent) spdlog::error("{}", to_line(sent.error()));
  }

  // Output.
  void serve_readers() {
    std::erase_if(s_.readers, [this](const waiting_reader& reader) {
      const bool over = !s_.here.contains(reader.what.id);
      auto chunk =
          read_output(output_path(s_.how.facts.state_dir, reader.what.id, reader.what.stream),
                      reader.what, over);
      if (chunk.data.empty() && !chunk.end && now() < reader.until) return false;
      say(std::move(chunk));
      return true;
    });
  }

  /// Sets the alarm for whatever is due next.
  void settle() {
    instant due = std::min({s_.core->next_wakeup(), s_.link->next_wakeup(), now() + idle_tick,
                            s_.notes.next_wakeup()});
    if (!s_.readers.empty()) due = std::min(due, now() + output_poll);
    if (s_.alarm_at != never && s_.alarm_at <= due) return;
    s_.alarm_at = due;
    self_->delayed_send(self_, std::max(duration{0}, due - now()), wake_up{++s_.alarm});
  }

  static constexpr duration max_wait = std::chrono::seconds{10};

  node_self self_;
  node_state& s_;
  std::vector<scheduler::agent_event_type> later_;  ///< arose while orders were carried out
};

}  // namespace

node_actor spawn_node(caf::actor_system& system, node_settings how, transport::poll_loop& loop,
                      link_router& router, std::shared_ptr<spawner::link> processes) {
  auto* where = &loop;
  auto* routes = &router;
  return system.spawn([how, where, routes, processes](node_self self) -> node_actor::behavior_type {
    auto& s = self->state;
    s.how = how;
    s.how.facts.head_endpoint = how.head.endpoint;
    s.processes = processes;
    s.reports.emplace(how.facts.state_dir + "/reports");
    s.core.emplace(scheduler::agent_settings{.seed = how.seed});
    const node_actor me{self};
    const auto weak = caf::actor_cast<caf::weak_actor_ptr>(me);
    auto owner = [weak](std::vector<transport::link_event_type> events) {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<node_actor>(strong), link_news{std::move(events)});
    };
    auto greet = [self] {
      const auto& st = self->state;
      transport::node_description node{.name = st.how.facts.name,
                                       .host = st.how.facts.host,
                                       .incarnation = st.how.incarnation,
                                       .boot_id = st.how.boot_id,
                                       .has = st.how.has};
      for (const auto& held : st.core->holding()) node.holding.push_back({held.id, held.ended});
      const auto build = transport::this_build();
      return transport::hello{.speaks = build.speaks,
                              .software = build.software,
                              .features = build.features,
                              .cluster = st.link->where().cluster,
                              .epoch_seen = st.link->epoch_seen(),
                              .node = std::move(node),
                              .worker_time = now()};
    };
    s.link.emplace(*where, *routes, how.head, owner, greet, how.seed);
    auto door = report_door::open(how.facts.state_dir,
                                  {[weak](std::uint64_t caller, std::string line) {
                                     if (auto strong = weak.lock())
                                       caf::anon_send(caf::actor_cast<node_actor>(strong),
                                                      task_spoke{caller, std::move(line)});
                                   },
                                   [weak](std::uint64_t caller) {
                                     if (auto strong = weak.lock())
                                       caf::anon_send(caf::actor_cast<node_actor>(strong),
                                                      task_hung_up{caller});
                                   }});
    if (door) s.door = std::move(*door);
    if (!door) spdlog::warn("{}", to_line(door.error()));
    s.how.facts.takes_reports = s.door != nullptr;
    node{self}.begin();
    return {
        [self](link_news& news) { node{self}.hear(news.events); },
        [self](spawner_news& news) { node{self}.hear(news.messages); },
        [self](const spawner_gone&) { node{self}.spawner_gone(); },
        [self](stop_node& what) { node{self}.stop(what); },
        [self](const task_spoke& what) { node{self}.task_spoke(what); },
        [self](const task_hung_up& what) { node{self}.task_hung_up(what); },
        [self](const wake_up& what) { node{self}.tick(what.number); },
    };
  });
}

}  // namespace fabric::actors
