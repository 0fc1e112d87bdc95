#include "actors/caf_bridge/bridge.hpp"

#include <cstdio>
#include <utility>

#include "actors/caf_bridge/name_target.hpp"
#include "actors/caf_bridge/node_naming.hpp"
#include "actors/clock.hpp"

namespace fabric::actors {

namespace {

constexpr std::size_t mail_bytes = 256 << 10;  // of one message between programs, about

caf::error unreachable() { return caf::make_error(caf::exit_reason::remote_link_unreachable); }

fault closed() { return {fault_code::cancelled, "the node has left the cluster", ""}; }

caf::error lookup_failed(const fault& why) {
  return caf::make_error(caf::sec::remote_lookup_failed, to_line(why));
}

/// CAF's own bouncer tells no reason but that the receiver is down.
void refuse(const caf::strong_actor_ptr& sender, caf::message_id number, caf::error why) {
  sender->enqueue(nullptr, number.response_id(), caf::make_message(std::move(why)), nullptr);
}

ledger::request request_of(caf::actor_id asker, caf::message_id number) {
  constexpr auto flags = caf::message_id::response_flag_mask | caf::message_id::answered_flag_mask;
  return {asker, number.integer_value() & ~flags};
}

}  // namespace

caf_bridge::caf_bridge(caf::actor_system& system, caf_node_options how)
    : system_(system),
      how_(std::move(how)),
      proxies_(system, *this),
      context_(&system),
      reader_(context_, id_),
      names_([this](auto body, auto done) { link_->ask(std::move(body), std::move(done)); },
             [this](const program_name& which, const fault& why) {
               complain("the name \"" + which.name + "\" is lost: " + to_line(why));
             }) {
  context_.proxy_registry_ptr(&proxies_);
}

result<void> caf_bridge::open(head_address where) {
  name_system(system_, id_);
  auto link =
      program_link::start(std::move(where), {.id = id_, .name = how_.name, .lent_key = ""}, *this);
  if (!link) return std::move(link).error();
  link_ = std::move(*link);
  auto contact = first_contact_.get_future();
  link_->wake();
  auto first = contact.get();
  if (!first) close();
  return first;
}

void caf_bridge::close() {
  {
    std::unique_lock lock(guard_);
    if (std::exchange(is_closing_, true)) return;
    link_->wake();
    flushed_.wait_for(lock, how_.linger, [this] {
      return is_over_ || std::ranges::all_of(peers_, [](const auto& one) {
               return one.second.bytes + one.second.with_link == 0;
             });
    });
  }
  link_->close();
  std::vector<std::function<void(bool)>> orders;
  std::vector<program_id> all;
  {
    const std::scoped_lock lock(guard_);
    is_over_ = true;
    orders = std::exchange(orders_, {});
    for (const auto& [who, one] : peers_) all.push_back(who);
  }
  for (const auto& one : orders) one(true);
  for (const auto who : all) gone(who);
  proxies_.clear();
}

bool caf_bridge::order(std::function<void(bool)> what) {
  {
    const std::scoped_lock lock(guard_);
    if (is_closing_ || is_over_) return false;
    orders_.push_back(std::move(what));
  }
  link_->wake();
  return true;
}

// Names.

result<void> caf_bridge::publish(caf::strong_actor_ptr actor,
                                 const std::set<std::string>& interface, const program_name& name) {
  if (!actor) return fault{fault_code::usage, "no actor is to be published", ""};
  if (is_elsewhere(actor))
    return fault{fault_code::usage, "the actor belongs to another program", "publish it there"};
  const auto id = actor->id();
  system_.registry().put(id, actor);
  auto answer = std::make_shared<std::promise<result<void>>>();
  auto told = answer->get_future();
  const bool is_made =
      order([this, answer, name, id, target = to_bytes({id, interface})](bool is_over) {
        if (is_over) return answer->set_value(closed());
        const auto before = std::exchange(named_[name], id);
        names_.claim(name, target, [this, answer, name, id, before](result<void> how) {
          if (!how && named_[name] == id) {
            if (before != caf::invalid_actor_id)
              named_[name] = before;
            else
              named_.erase(name);
          }
          answer->set_value(std::move(how));
        });
      });
  if (!is_made) return closed();
  auto how = told.get();
  if (how)
    actor->get()->attach_functor([self = weak_from_this(), name, id] {
      if (const auto bridge = self.lock()) bridge->release(name, id);
    });
  return how;
}

/// Nothing where the name is another actor's by now.
void caf_bridge::release(const program_name& name, caf::actor_id ours) {
  static_cast<void>(order([this, name, ours](bool is_over) {
    const auto found = named_.find(name);
    if (is_over || found == named_.end() || found->second != ours) return;
    named_.erase(found);
    names_.release(name);
  }));
}

void caf_bridge::unpublish(const program_name& name) {
  auto answer = std::make_shared<std::promise<void>>();
  auto told = answer->get_future();
  const bool is_made = order([this, answer, name](bool is_over) {
    if (is_over) return answer->set_value();
    named_.erase(name);
    names_.release(name, [answer] { answer->set_value(); });
  });
  if (is_made) told.wait();
}

caf::expected<caf::strong_actor_ptr> caf_bridge::lookup(const std::set<std::string>& interface,
                                                        const program_name& name,
                                                        duration timeout) {
  auto answer = std::make_shared<std::promise<result<transport::name_found>>>();
  auto told = answer->get_future();
  const bool is_made = order([this, answer, name, until = now() + timeout](bool is_over) {
    if (is_over) return answer->set_value(closed());
    names_.find(name, until, now(),
                [answer](result<transport::name_found> how) { answer->set_value(std::move(how)); });
  });
  if (!is_made) return lookup_failed(closed());
  const auto found = told.get();
  if (!found) return lookup_failed(found.error());
  const auto target = name_target_of(found->target);
  if (!target)
    return lookup_failed({fault_code::not_found,
                          "what holds the name \"" + name.name + "\" is no actor of CAF", ""});
  if (const auto why = mismatch(target->interface, interface))
    return caf::make_error(
        caf::sec::unexpected_actor_messaging_interface,
        to_line({fault_code::usage,
                 "the actor of the name \"" + name.name + "\" is of another type: " + *why,
                 "look it up as what it was published as"}));
  auto actor = actor_of({found->program, target->id});
  if (!actor)
    return lookup_failed(
        {fault_code::not_found, "the actor of the name \"" + name.name + "\" has ended", ""});
  return actor;
}

// Out.

caf_bridge::posting caf_bridge::post(program_id to, std::string letters, bool is_refusable) {
  bool is_first = false;
  {
    const std::scoped_lock lock(guard_);
    auto& one = peers_[to];
    if (one.is_gone || is_over_) return posting::gone;
    const std::size_t waiting = one.bytes + one.with_link;
    if (is_refusable && waiting > 0 && waiting + letters.size() > how_.waiting_bytes_max)
      return posting::full;
    one.bytes += letters.size();
    if (one.mail.empty() || one.mail.back().size() + letters.size() > mail_bytes)
      one.mail.push_back(std::move(letters));
    else
      one.mail.back() += letters;
    is_first = dirty_.empty();
    dirty_.insert(to);
  }
  if (is_first) link_->wake();
  return posting::done;
}

void caf_bridge::post(program_id to, const letter::any& what) {
  writer w;
  letter::write(w, what);
  static_cast<void>(post(to, w.take(), false));
}

void caf_bridge::complain(const std::string& line) const {
  if (how_.complain) return how_.complain(line);
  std::fprintf(stderr, "fabric: %s\n", line.c_str());
}

/// A request's sender hears; of other messages nobody else would.
void caf_bridge::fail(const caf::strong_actor_ptr& sender, caf::message_id number, caf::error why,
                      const std::string& line) {
  if (number.is_request() && sender)
    refuse(sender, number, std::move(why));
  else
    complain("a message is dropped: " + line);
}

/// Who waits for an answer that cannot be sent gets the reason instead.
void caf_bridge::fail(const remote_actor& to, const caf::mailbox_element& what,
                      caf::execution_unit& context, caf::error why, const std::string& line) {
  if (!what.mid.is_response()) return fail(what.sender, what.mid, std::move(why), line);
  const auto content = pack(caf::make_message(std::move(why)), context, id_);
  if (!content) return complain("an answer is dropped: " + line);
  post(to.where(), letter::delivery{.to = to.id(),
                                    .number = what.mid.integer_value(),
                                    .sender = {},
                                    .stages = {},
                                    .types = content->types,
                                    .values = content->values});
}

bool caf_bridge::is_elsewhere(const caf::strong_actor_ptr& actor) const {
  return actor->node() && actor->node() != system_.node();
}

/// Whoever is named outside must be found by its number.
letter::actor_ref caf_bridge::reference_to(const caf::strong_actor_ptr& actor) {
  if (!actor) return {};
  if (is_elsewhere(actor))
    if (const auto where = program_of(actor->node())) return {*where, actor->id()};
  system_.registry().put(actor->id(), actor);
  return {id_, actor->id()};
}

void caf_bridge::forward(remote_actor& to, caf::mailbox_element& what, caf::execution_unit* given) {
  caf::scoped_execution_unit own_context{&system_};
  auto& context = given != nullptr ? *given : own_context;
  const auto fail_with = [&](caf::error why, const std::string& line) {
    fail(to, what, context, std::move(why), line);
  };
  if (what.sender && is_elsewhere(what.sender) && !program_of(what.sender->node())) {
    const std::string line = "UNSUPPORTED: its sender lives in another network";
    return fail_with(caf::make_error(caf::sec::invalid_argument, line), line);
  }
  auto content = pack(what.content(), context, id_);
  if (!content) return fail_with(content.error(), system_.render(content.error()));
  letter::delivery made{.to = to.id(),
                        .number = what.mid.integer_value(),
                        .sender = reference_to(what.sender),
                        .stages = {},
                        .types = content->types,
                        .values = content->values};
  for (const auto& one : what.stages) made.stages.push_back(reference_to(one));
  writer w;
  letter::write(w, made);
  if (w.size() > letter_bytes_max) {
    const std::string line = "TOO_LARGE: a message of " + std::to_string(w.size()) +
                             " bytes; at most " + std::to_string(letter_bytes_max) + " travel";
    return fail_with(caf::make_error(caf::sec::invalid_argument, line), line);
  }
  const bool is_request = what.mid.is_request() && what.sender != nullptr;
  const bool is_ours = is_request && made.sender.where == id_;
  if (is_ours) {
    const std::scoped_lock lock(guard_);
    ledger_.asked(request_of(what.sender->id(), what.mid), to.where());
  }
  const auto posted = post(to.where(), w.take(), true);
  if (posted == posting::done) {
    // Passed on for an actor elsewhere: its program is to know who has the request now.
    if (is_request && !is_ours)
      post(made.sender.where,
           letter::moved{made.sender.id, request_of(0, what.mid).number, to.where()});
    return;
  }
  if (is_ours) {
    const std::scoped_lock lock(guard_);
    ledger_.answered(request_of(what.sender->id(), what.mid));
  }
  if (posted == posting::gone) return fail_with(unreachable(), "its receiver's program is gone");
  const std::string line = "BUSY: more than " + std::to_string(how_.waiting_bytes_max) +
                           " bytes wait for program " + to_string(to.where()) + "; send later";
  fail_with(caf::make_error(caf::sec::unavailable_or_would_block, line), line);
}

void caf_bridge::link(remote_actor& to, caf::actor_id ours, bool is_linked) {
  post(to.where(), letter::link{ours, to.id(), is_linked});
}

/// While the registry of proxies is locked.
caf::strong_actor_ptr caf_bridge::make_proxy(caf::node_id node, caf::actor_id id) {
  const auto where = program_of(node);
  if (!where || *where == id_ || id == caf::invalid_actor_id) return nullptr;
  caf::actor_config how;
  auto made = caf::make_actor<remote_actor, caf::strong_actor_ptr>(id, std::move(node), &system_,
                                                                   how, *where, weak_from_this());
  writer w;
  letter::write(w, letter::watch{id});
  if (post(*where, w.take(), false) == posting::gone)
    static_cast<remote_actor*>(made->get())->kill_proxy(nullptr, unreachable());
  return made;
}

void caf_bridge::ended(caf::actor_id ours, const caf::error& reason) {
  caf::scoped_execution_unit context{&system_};
  const std::string bytes = pack(reason, context, id_);
  std::vector<program_id> all;
  {
    const std::scoped_lock lock(guard_);
    all = ledger_.ended(ours);
  }
  for (const auto who : all) post(who, letter::ended{ours, bytes});
}

// The link.

void caf_bridge::opened(const transport::welcome&) {
  if (!std::exchange(has_contact_, true)) first_contact_.set_value({});
  names_.opened();
  // A head that was restarted does not know who is to hear when one of them is gone.
  std::vector<program_id> all;
  {
    const std::scoped_lock lock(guard_);
    for (const auto& [who, one] : peers_)
      if (!one.is_gone) all.push_back(who);
  }
  for (const auto who : all) post(who, letter::greeting{});
}

void caf_bridge::lost(const fault& why, bool for_good) {
  if (!for_good) return;
  std::vector<program_id> all;
  {
    const std::scoped_lock lock(guard_);
    is_over_ = true;
    for (const auto& [who, one] : peers_) all.push_back(who);
  }
  flushed_.notify_all();
  if (!std::exchange(has_contact_, true)) return first_contact_.set_value(why);
  complain("the cluster is lost: " + to_line(why));
  for (const auto who : all) gone(who);
}

void caf_bridge::fail(const std::vector<ledger::request>& all) {
  for (const auto& one : all)
    if (const auto asker = system_.registry().get(one.asker))
      asker->enqueue(nullptr, caf::message_id{one.number}.response_id(),
                     caf::make_message(unreachable()), nullptr);
}

void caf_bridge::gone(program_id who) {
  std::vector<ledger::request> failed;
  {
    const std::scoped_lock lock(guard_);
    auto& one = peers_[who];
    if (one.is_gone) return;
    one = {.mail = {}, .bytes = 0, .with_link = 0, .is_gone = true};
    failed = ledger_.gone(who);
  }
  proxies_.erase(node_of(who));
  fail(failed);
}

instant caf_bridge::turn(instant now) {
  std::vector<std::function<void(bool)>> orders;
  std::vector<std::pair<program_id, std::vector<std::string>>> mail;
  {
    const std::scoped_lock lock(guard_);
    orders = std::exchange(orders_, {});
    for (const auto who : std::exchange(dirty_, {}))
      mail.emplace_back(who, std::exchange(peers_[who].mail, {}));
  }
  for (const auto& one : orders) one(false);
  for (auto& [who, all] : mail)
    for (auto& letters : all) link_->say(who, transport::program::actor_mail{std::move(letters)});
  {
    const std::scoped_lock lock(guard_);
    for (auto& [who, one] : peers_) {
      if (one.is_gone) continue;
      one.with_link = link_->waiting_bytes(who);
      one.bytes = 0;
      for (const auto& letters : one.mail) one.bytes += letters.size();
    }
    if (is_closing_) flushed_.notify_all();
  }
  return names_.turn(now);
}

// In.

void caf_bridge::heard(program_id from, std::vector<transport::program::message> messages) {
  for (const auto& body : messages) {
    const auto* mail = std::get_if<transport::program::actor_mail>(&body);
    if (mail == nullptr) continue;
    reader in{mail->letters};
    while (in.ok() && in.bytes_left() > 0) {
      const auto next = letter::read(in);
      if (in.ok()) std::visit([&](const auto& one) { take(from, one); }, next);
    }
    if (!in.ok())
      complain("mail of program " + to_string(from) + " is damaged: " + to_line(in.error()));
  }
}

caf::strong_actor_ptr caf_bridge::actor_of(const letter::actor_ref& what) {
  if (what.id == 0) return nullptr;
  if (what.where == id_) return system_.registry().get(what.id);
  return proxies_.get_or_put(node_of(what.where), what.id);
}

void caf_bridge::take(program_id from, const letter::greeting&) {
  const std::scoped_lock lock(guard_);
  peers_.try_emplace(from);
}

void caf_bridge::take(program_id, const letter::delivery& what) {
  const caf::message_id number{what.number};
  const auto receiver = system_.registry().get(what.to);
  const auto sender = actor_of(what.sender);
  if (number.is_response()) {
    const std::scoped_lock lock(guard_);
    ledger_.answered(request_of(what.to, number));
  }
  if (!receiver) {
    if (number.is_request() && sender)
      refuse(sender, number, caf::make_error(caf::sec::request_receiver_down));
    return;
  }
  auto content = reader_.unpack(what.types, what.values);
  if (!content) {
    if (number.is_response())  // what was asked for has come, and cannot be read
      receiver->enqueue(sender, number, caf::make_message(content.error()), &context_);
    else
      fail(sender, number, content.error(), system_.render(content.error()));
    return;
  }
  caf::mailbox_element::forwarding_stack stages;
  for (const auto& one : what.stages) stages.push_back(actor_of(one));
  if (sender && content->match_elements<caf::exit_msg>() && what.sender.where != id_)
    static_cast<remote_actor*>(sender->get())->unlink_here(receiver->get());
  receiver->enqueue(
      caf::make_mailbox_element(sender, number, std::move(stages), std::move(*content)), &context_);
}

void caf_bridge::take(program_id from, const letter::watch& what) {
  const auto actor = system_.registry().get(what.actor);
  if (!actor) {  // it may have asked something, and ended before anybody knew it
    {
      const std::scoped_lock lock(guard_);
      static_cast<void>(ledger_.ended(what.actor));
    }
    const std::string reason = pack(caf::make_error(caf::exit_reason::unknown), context_, id_);
    return post(from, letter::ended{what.actor, reason});
  }
  bool is_first = false;
  {
    const std::scoped_lock lock(guard_);
    is_first = ledger_.watched(what.actor, from);
  }
  if (is_first)
    actor->get()->attach_functor([self = weak_from_this(), id = what.actor](const caf::error& why) {
      if (const auto bridge = self.lock()) bridge->ended(id, why);
    });
}

void caf_bridge::take(program_id from, const letter::ended& what) {
  proxies_.erase(node_of(from), what.actor, unpack_reason(what.reason, context_, id_));
}

void caf_bridge::take(program_id from, const letter::link& what) {
  const auto other = actor_of({from, what.own});
  const auto ours = system_.registry().get(what.yours);
  if (!other || !ours) return;
  auto& proxy = static_cast<remote_actor&>(*other->get());
  if (what.is_linked)
    proxy.link_here(ours->get());
  else
    proxy.unlink_here(ours->get());
}

void caf_bridge::take(program_id from, const letter::moved& what) {
  bool is_known = true;
  std::vector<ledger::request> failed;
  {
    const std::scoped_lock lock(guard_);
    const ledger::request which{what.asker, what.number};
    if (what.to == id_) {  // passed back: it is answered here, by whoever answers
      ledger_.answered(which);
      return;
    }
    ledger_.moved(which, from, what.to);
    const auto found = peers_.find(what.to);
    is_known = found != peers_.end();
    if (is_known && found->second.is_gone) failed = ledger_.gone(what.to);
  }
  if (!is_known) post(what.to, letter::greeting{});  // its end is told to those who spoke to it
  fail(failed);
}

}  // namespace fabric::actors
