#include "actors/program/program_link.hpp"

#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "actors/clock.hpp"
#include "actors/program/peer_paths.hpp"
#include "transport/channel.hpp"
#include "transport/codec.hpp"

namespace fabric::actors {

namespace {

/// What was sent so often over a path and not confirmed goes through the head.
constexpr std::uint32_t path_resends_max = 3;

/// Before a head has told its lease.
constexpr duration first_patience = std::chrono::seconds{60};

/// Writes the number into a message that makes a request.
void number(transport::message& body, request_id as) {
  std::visit(
      [as](auto& m) {
        if constexpr (requires { m.request; }) m.request = as;
      },
      body);
}

}  // namespace

class program_link::impl {
 public:
  impl(head_address where, program_options how, program_listener& listener)
      : where_(std::move(where)),
        how_(std::move(how)),
        listener_(&listener),
        ever_open_(where_.is_vouched_for) {}

  result<void> start();
  void stop();
  void wake() { loop_->wake(); }
  void say(program_id to, const transport::program::message& what);
  [[nodiscard]] std::size_t waiting_bytes(program_id to) const;
  void forget(program_id who) { channels_.erase(who); }
  void ask(transport::message request, answer done);

 private:
  struct request {
    transport::message body;
    answer done;
  };

  [[nodiscard]] transport::hello greeting() const;
  void hear(std::vector<transport::link_event_type>& events);
  void hear_peers(std::vector<transport::link_event_type>& events);
  duration turn();
  void on(link_outcome::open& what);
  void on(link_outcome::heard& what);
  void on(link_outcome::lost& what);
  void take(transport::message& body);
  void take(transport::parcel& what);
  void finish(request_id id, result<transport::message> with);
  void send_requests();
  void fail_all(const fault& why);
  void write();
  bool write(program_id to, transport::channel& what, instant at);
  [[nodiscard]] bool has_way(program_id to) const { return paths_->has(to) || link_->is_open(); }
  link_router::receiver peers_receiver() {
    return [this](std::vector<transport::link_event_type> events) { hear_peers(events); };
  }

  head_address where_;
  program_options how_;
  program_listener* listener_;
  link_router router_;
  std::unique_ptr<transport::poll_loop> loop_;
  peer_paths::address listens_;
  std::atomic<bool> is_ready_ = false;  // everything above may be used

  // The loop's thread's.
  std::optional<peer_paths> paths_;
  std::optional<head_link> link_;
  std::map<program_id, transport::channel> channels_;
  std::set<program_id> gone_;
  std::map<request_id, request> requests_;
  std::set<request_id> unsent_;  // of them, in this session
  std::size_t credits_ = 1;      // requests that the head takes at a time
  std::uint64_t last_request_ = 0;
  instant lost_at_ = never;
  std::string last_loss_;
  duration patience_ = first_patience;  // to be without a session
  bool ever_open_;
  bool is_over_ = false;
  bool is_leaving_ = false;
  bool has_left_ = false;
  std::mutex leaving_;
};

result<void> program_link::impl::start() {
  auto loop = transport::poll_loop::start({.turn = [this] { return turn(); }}, router_.sink());
  if (!loop) return std::move(loop).error();
  loop_ = std::move(*loop);
  paths_.emplace(*loop_, router_, how_.id, where_.keys);
  router_.set_gateway(peers_receiver());
  if (!where_.server_public_key.empty())
    listens_ = peer_paths::open_listener(*loop_, where_.endpoint);
  is_ready_ = true;
  return {};
}

transport::hello program_link::impl::greeting() const {
  const auto build = transport::this_build();
  return {.speaks = build.speaks,
          .software = build.software,
          .features = build.features,
          .cluster = link_->where().cluster,
          .epoch_seen = link_->epoch_seen(),
          .worker_time = now(),
          .program = transport::program_description{how_.id, how_.name, how_.lent_key,
                                                    listens_.endpoint, listens_.key}};
}

void program_link::impl::stop() {
  {
    const std::scoped_lock lock(leaving_);
    is_leaving_ = true;
  }
  loop_->wake();
  loop_->stop();
  fail_all({fault_code::cancelled, "the session was closed", ""});
}

void program_link::impl::hear(std::vector<transport::link_event_type>& events) {
  for (auto& outcome : link_->take(events, now()))
    std::visit([this](auto& what) { on(what); }, outcome);
}

/// Where a path begins or ends, what was under way may be lost.
void program_link::impl::hear_peers(std::vector<transport::link_event_type>& events) {
  const instant at = now();
  auto news = paths_->take(events, at);
  for (auto& parcel : news.parcels) take(parcel);
  for (const auto* changed : {&news.opened, &news.lost})
    for (program_id who : *changed)
      if (const auto found = channels_.find(who); found != channels_.end())
        found->second.path_renewed(at);
  for (program_id who : news.in_vain)
    if (link_ && link_->is_open())
      static_cast<void>(link_->send(transport::introduce{who, true}, at));
}

duration program_link::impl::turn() {
  if (!is_ready_) return transport::no_turn_due;
  const instant at = now();
  if (!link_) {
    link_.emplace(
        *loop_, router_, where_,
        [this](std::vector<transport::link_event_type> events) { hear(events); },
        [this] { return greeting(); }, how_.id.value);
    link_->dial(at);
  }
  {
    const std::scoped_lock lock(leaving_);
    if (is_leaving_ && !std::exchange(has_left_, true)) {
      static_cast<void>(link_->send(transport::goodbye{}, at));
      link_->close();
      is_over_ = true;
    }
  }
  if (is_over_) return transport::no_turn_due;
  if (auto lost = link_->tick(at)) on(std::get<link_outcome::lost>(*lost));
  if (lost_at_ != never && at - lost_at_ > patience_) {
    const fault why{fault_code::unreachable,
                    "no session with the head at " + link_->where().endpoint + " for " +
                        std::to_string(patience_.count() / 1'000'000) + " s: " + last_loss_,
                    "is the head running?"};
    is_over_ = true;
    link_->close();
    fail_all(why);
    listener_->lost(why, true);
  }
  const instant next = listener_->turn(at);
  if (is_over_) return transport::no_turn_due;
  if (link_->owes_heartbeat(at)) static_cast<void>(link_->send(transport::heartbeat{at}, at));
  write();
  instant due = std::min(next, link_->next_wakeup());
  for (const auto& [who, channel] : channels_)
    if (has_way(who)) due = std::min(due, channel.next_wakeup());
  if (lost_at_ != never) due = std::min(due, lost_at_ + patience_ + std::chrono::milliseconds{1});
  return due == never ? transport::no_turn_due : std::max(duration{0}, due - at);
}

/// Everything that is due on any channel.
void program_link::impl::write() {
  const instant at = now();
  for (auto& [who, channel] : channels_) {
    if (channel.resends() >= path_resends_max) paths_->drop(who, at);
    while (has_way(who) && write(who, channel, at)) {
    }
  }
}

/// The next frame, past the head where there is a path.
bool program_link::impl::write(program_id to, transport::channel& what, instant at) {
  auto frame = what.frame(at);
  if (!frame) return false;
  transport::parcel body{.to = to, .from = how_.id, .body = std::move(*frame)};
  if (paths_->has(to)) return paths_->send(body).has_value();
  if (paths_->wants(to, at)) static_cast<void>(link_->send(transport::introduce{to}, at));
  return link_->send(body, at).has_value();
}

void program_link::impl::on(link_outcome::open& what) {
  ever_open_ = true;
  lost_at_ = never;
  if (what.terms.lease > duration{0}) patience_ = what.terms.lease;  // then we are taken for gone
  for (auto& [who, channel] : channels_) channel.path_renewed(now());
  credits_ = std::max<std::size_t>(1, what.terms.credits);
  for (const auto& [id, waiting] : requests_) unsent_.insert(id);
  send_requests();
  listener_->opened(what.terms);
}

void program_link::impl::on(link_outcome::heard& what) {
  for (auto& body : what.messages) take(body);
}

/// A head that is busy is there, and has said when to come back.
void program_link::impl::on(link_outcome::lost& what) {
  if (lost_at_ == never) lost_at_ = now();
  last_loss_ = what.why.detail;
  const bool is_busy = what.why.code == fault_code::busy;
  const bool for_good = what.final || (!ever_open_ && !is_busy);
  if (for_good) {
    is_over_ = true;
    link_->close();
    fail_all(what.why);
  }
  listener_->lost(what.why, for_good);
}

void program_link::impl::take(transport::message& body) {
  if (auto* parcel = std::get_if<transport::parcel>(&body)) {
    take(*parcel);
  } else if (auto* gone = std::get_if<transport::program_gone>(&body)) {
    channels_.erase(gone->program);
    paths_->forget(gone->program);
    if (gone_.insert(gone->program).second) listener_->gone(gone->program);
  } else if (const auto* peer = std::get_if<transport::introduced>(&body)) {
    if (!gone_.contains(peer->program)) paths_->introduced(*peer, peers_receiver());
  } else if (auto* failed = std::get_if<transport::failed>(&body)) {
    finish(failed->request, std::move(failed->why));
  } else if (auto* nack = std::get_if<transport::nack>(&body)) {
    finish(request_id{nack->id}, std::move(nack->why));
  } else if (const auto request = transport::request_of(body)) {
    finish(*request, std::move(body));
  } else {
    listener_->told(body);
  }
}

/// A frame that cannot be read ends the conversation: what it held would be missing for ever.
void program_link::impl::take(transport::parcel& what) {
  if (gone_.contains(what.from)) return;
  auto came = channels_[what.from].take(what.body, now());
  std::vector<transport::program::message> messages;
  bool is_readable = came.has_value();
  for (std::size_t at = 0; is_readable && at < came->size(); ++at) {
    auto message = transport::decode_program_message((*came)[at]);
    is_readable = message.has_value();
    if (is_readable) messages.push_back(std::move(*message));
  }
  if (!messages.empty()) listener_->heard(what.from, std::move(messages));
  if (is_readable) return;
  channels_.erase(what.from);
  if (gone_.insert(what.from).second) listener_->gone(what.from);
}

void program_link::impl::say(program_id to, const transport::program::message& what) {
  if (!gone_.contains(to)) channels_[to].send(transport::encode(what));
}

std::size_t program_link::impl::waiting_bytes(program_id to) const {
  const auto found = channels_.find(to);
  return found == channels_.end() ? 0 : found->second.waiting_bytes();
}

void program_link::impl::ask(transport::message body, answer done) {
  if (is_over_) return done(fault{fault_code::unreachable, "there is no head to ask", ""});
  const request_id id{++last_request_};
  number(body, id);
  requests_[id] = {std::move(body), std::move(done)};
  unsent_.insert(id);
  send_requests();
}

/// In their order, as many as the head takes at a time.
void program_link::impl::send_requests() {
  while (link_->is_open() && !unsent_.empty() && requests_.size() - unsent_.size() < credits_) {
    const request_id id = *unsent_.begin();
    unsent_.erase(unsent_.begin());
    if (auto sent = link_->send(requests_.at(id).body, now()); !sent)
      finish(id, std::move(sent.error()));
  }
}

void program_link::impl::finish(request_id id, result<transport::message> with) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  auto done = std::move(found->second.done);
  requests_.erase(found);
  unsent_.erase(id);
  done(std::move(with));
  if (!is_over_) send_requests();
}

void program_link::impl::fail_all(const fault& why) {
  unsent_.clear();
  for (auto& [id, waiting] : std::exchange(requests_, {})) waiting.done(why);
}

result<std::unique_ptr<program_link>> program_link::start(head_address where, program_options how,
                                                          program_listener& listener) {
  auto made = std::make_unique<impl>(std::move(where), std::move(how), listener);
  if (auto started = made->start(); !started) return started.error();
  return std::unique_ptr<program_link>{new program_link{std::move(made)}};
}

program_link::program_link(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
program_link::~program_link() { impl_->stop(); }

void program_link::close() { impl_->stop(); }

void program_link::wake() { impl_->wake(); }
void program_link::say(program_id to, const transport::program::message& what) {
  impl_->say(to, what);
}
std::size_t program_link::waiting_bytes(program_id to) const { return impl_->waiting_bytes(to); }
void program_link::forget(program_id who) { impl_->forget(who); }
void program_link::ask(transport::message request, answer done) {
  impl_->ask(std::move(request), std::move(done));
}

program_id new_program_id() {
  program_id id;
  while (id.value == 0) {
    if (getrandom(&id.value, sizeof id.value, 0) != sizeof id.value) id.value = 0;
  }
  return id;
}

}  // namespace fabric::actors
