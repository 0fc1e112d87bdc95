#include "actors/head_link.hpp"

#include <algorithm>
#include <utility>

namespace fabric::actors {

namespace {

constexpr backoff_policy redial{std::chrono::milliseconds{100}, std::chrono::seconds{5}};
constexpr duration greeting_patience = std::chrono::milliseconds{1500};
/// Where a handshake has shown that it is the head (CurveZMQ, RFC 26: nobody else has its secret
/// key): it is there, and slow. Many that come at once, on a busy machine, are answered in turn.
constexpr duration slow_head_patience = std::chrono::seconds{15};
constexpr int missed_max = 5;
/// A head may ask for more patience than this, but does not get it.
constexpr duration retry_after_max = std::chrono::minutes{1};

/// Faults that calling again does not mend. A head that dies during a handshake looks like one with
/// another key, so once its key was right that is no reason to give up.
bool is_final(fault_code code, bool was_right) {
  using enum fault_code;
  return code == version || code == forbidden || code == config || code == stale_epoch ||
         (code == auth_failed && !was_right);
}

}  // namespace

head_link::head_link(transport::poll_loop& loop, link_router& router, head_address where,
                     link_router::receiver owner, greeting greet, std::uint64_t seed)
    : loop_(&loop),
      router_(&router),
      where_(std::move(where)),
      owner_(std::move(owner)),
      greet_(std::move(greet)),
      seed_(seed),
      was_right_(where_.is_vouched_for) {}

void head_link::dial(instant) {
  phase_ = phase::connecting;
  dial_at_ = never;
  connection_ = router_->dial(*loop_,
                              {.endpoint = where_.endpoint,
                               .server_public_key = where_.server_public_key,
                               .keys = where_.keys},
                              owner_);
}

std::vector<link_outcome_type> head_link::take(std::vector<transport::link_event_type>& events,
                                               instant now) {
  std::vector<link_outcome_type> outcomes;
  std::vector<transport::message> heard;
  const auto flush = [&] {
    if (!heard.empty()) outcomes.emplace_back(link_outcome::heard{std::exchange(heard, {})});
  };
  for (auto& event : events) {
    const auto id = std::visit([](const auto& what) { return what.connection; }, event);
    if (id != connection_ || phase_ == phase::idle || phase_ == phase::given_up) continue;
    if (std::holds_alternative<transport::link_event::opened>(event)) {
      phase_ = phase::greeting;
      const bool is_head = !where_.server_public_key.empty();
      give_up_at_ = now + (is_head ? slow_head_patience : greeting_patience);
      if (auto sent = loop_->send(connection_, {.epoch = epoch_seen_}, greet_()); !sent) {
        flush();
        hang_up();
        outcomes.push_back(lose(std::move(sent.error()), false, now));
      }
    } else if (auto* closed = std::get_if<transport::link_event::closed>(&event)) {
      flush();
      outcomes.push_back(lose(std::move(closed->why), is_final(closed->why.code, was_right_), now));
    } else if (auto* bad = std::get_if<transport::link_event::malformed>(&event)) {
      flush();
      hang_up();
      outcomes.push_back(lose(std::move(bad->why), false, now));
    } else if (auto* arrived_now = std::get_if<transport::link_event::arrived>(&event)) {
      if (life_) life_->heard(now);
      for (auto& one : arrived_now->messages) {
        auto* envelope = std::get_if<transport::envelope>(&one);
        if (auto outcome = envelope != nullptr
                               ? arrived(envelope->body, heard, now)
                               : unknown(std::get<transport::unknown_message>(one).head, now)) {
          flush();
          outcomes.push_back(std::move(*outcome));
        }
        if (phase_ == phase::idle) break;
      }
    }
  }
  flush();
  return outcomes;
}

std::optional<link_outcome_type> head_link::arrived(transport::message& body,
                                                    std::vector<transport::message>& heard,
                                                    instant now) {
  if (auto* refused = std::get_if<transport::refused>(&body)) {
    hang_up();
    auto outcome = lose(std::move(refused->why), is_final(refused->why.code, was_right_), now);
    dial_at_ = std::max(dial_at_, now + std::min(refused->retry_after, retry_after_max));
    return outcome;
  }
  if (std::holds_alternative<transport::unknown_session>(body)) {
    hang_up();
    return lose({fault_code::unreachable, "the head does not know this session any more", ""},
                false, now);
  }
  if (auto* terms = std::get_if<transport::welcome>(&body)) {
    auto fine = transport::accept(transport::this_build(), *terms, where_.cluster, epoch_seen_);
    if (!fine) {
      hang_up();
      return lose(std::move(fine.error()), true, now);
    }
    phase_ = phase::open;
    was_right_ = true;
    session_ = terms->session;
    version_ = terms->version;
    sent_ = 0;
    tries_ = 0;
    give_up_at_ = never;
    saw_epoch(terms->epoch);
    where_.cluster = terms->cluster;
    const auto interval = std::max<duration>(terms->heartbeat, std::chrono::milliseconds{50});
    life_.emplace(interval, missed_max, now);
    return link_outcome::open{std::move(*terms)};
  }
  heard.push_back(std::move(body));
  return std::nullopt;
}

/// A message of a later minor version: most may be passed over, and the head is told so.
std::optional<link_outcome_type> head_link::unknown(const transport::header& head, instant now) {
  fault why{fault_code::unsupported,
            "message type " + std::to_string(head.type) + " of the head at " + where_.endpoint +
                " is not known here",
            "upgrade this side"};
  if (!head.must_understand) {
    static_cast<void>(send(transport::nack{head.type, 0, std::move(why)}, now));
    return std::nullopt;
  }
  hang_up();
  return lose(std::move(why), false, now);
}

link_outcome_type head_link::lose(fault why, bool final, instant now) {
  phase_ = phase::idle;
  life_.reset();
  give_up_at_ = never;
  ++tries_;
  dial_at_ = now + wait_before_retry(redial, std::min(tries_, 20U), seed_ + tries_);
  return link_outcome::lost{std::move(why), final};
}

std::optional<link_outcome_type> head_link::tick(instant now) {
  if (phase_ == phase::idle && now >= dial_at_) dial(now);
  if (phase_ == phase::greeting && now >= give_up_at_) {
    hang_up();
    return lose(
        where_.server_public_key.empty()
            ? fault{fault_code::unreachable,
                    where_.endpoint + " accepts connections but does not answer",
                    "is that the port of a fabric head?"}
            : fault{fault_code::unreachable, "the head at " + where_.endpoint + " does not answer",
                    "its machine is overloaded, or it hangs"},
        false, now);
  }
  if (phase_ == phase::open && life_->is_lost(now)) {
    hang_up();
    return lose({fault_code::unreachable, "the head at " + where_.endpoint + " is silent",
                 "its machine or the network is down"},
                false, now);
  }
  return std::nullopt;
}

instant head_link::next_wakeup() const {
  return std::min({dial_at_, give_up_at_, life_ ? life_->next_wakeup() : never});
}

result<void> head_link::send(const transport::message& body, instant now) {
  if (phase_ != phase::open)
    return fault{fault_code::unreachable, "there is no session with " + where_.endpoint, ""};
  auto sent = loop_->send(
      connection_,
      {.version = version_, .session = session_, .sequence = ++sent_, .epoch = epoch_seen_}, body);
  if (sent) life_->sent(now);
  return sent;
}

bool head_link::owes_heartbeat(instant now) const { return life_ && life_->is_due(now); }

void head_link::hang_up() {
  if (phase_ != phase::idle) loop_->close(connection_);
  phase_ = phase::idle;
}

void head_link::close() {
  hang_up();
  dial_at_ = never;
  give_up_at_ = never;
  life_.reset();
  phase_ = phase::given_up;
}

}  // namespace fabric::actors
