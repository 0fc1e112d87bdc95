#include "actors/journal/service.hpp"

#include <sodium.h>

#include <algorithm>
#include <charconv>

namespace fabric::journal {

namespace {

constexpr std::string_view number_key = ":log_number";
constexpr std::string_view record_key = ":log:";
constexpr std::string_view snapshot_key = ":snapshot";
constexpr int tries_max = 5;

std::string upper(std::string text) {
  for (auto& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

std::string refusal(const fault& why) {
  return error(std::string(name_of(why.code)) + " " + why.detail +
               (why.hint.empty() ? "" : "; " + why.hint));
}

bool is_same(const std::string& a, const std::string& b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// What Optuna's client sends to add a record: a script that increments the number and sets the
/// key.
bool is_append(const request& words) {
  return words.size() == 5 && upper(words[0]) == "EVAL" && words[2] == "0" &&
         words[1].find("incr") != std::string::npos && words[1].find(":log:") != std::string::npos;
}

std::string prefixed(const std::string& prefix) {
  return error("ERR the prefix '" + prefix.substr(0, 40) +
               "' is not served: leave out prefix= of the client's storage");
}

}  // namespace

service::service(store::study_journal kept, service_options how)
    : store_(std::move(kept)), how_(std::move(how)), journal_(how_.how) {}

result<service> service::start(store::study_journal kept, service_options how, instant now,
                               std::int64_t wall_ms) {
  auto taken = kept.take_over();
  if (!taken) return taken.error();
  service made(std::move(kept), std::move(how));
  if (auto loaded = made.reload(); !loaded) return loaded.error();
  if (auto checked = made.check_holders(wall_ms); !checked) return checked.error();
  if (auto known = made.take_all(); !known) return known.error();
  for (const auto trial : made.journal_.open())
    made.holders_[trial].until = now + made.how_.silence;
  return made;
}

/// The journal as it is stored: what was not committed is forgotten.
result<void> service::reload() {
  auto texts = store_.read();
  if (!texts) return texts.error();
  auto spaces = store_.spaces();
  if (!spaces) return spaces.error();
  auto settings = how_.how;
  settings.storage = store_.url();
  for (auto& [name, over] : *spaces) settings.spaces.insert_or_assign(name, std::move(over));
  journal_ = journal(settings);
  for (const auto& text : *texts) {
    if (auto replayed = journal_.replay(text); !replayed) return replayed.error();
  }
  endings_seen_ = 0;
  return {};
}

void service::connected(client_id client) { clients_[client].is_known = how_.password.empty(); }

void service::received(client_id client, std::string_view bytes) {
  clients_[client].from.feed(bytes);
}

void service::disconnected(client_id client, instant now) {
  clients_.erase(client);
  held_.erase(client);
  for (auto& [trial, holder] : holders_) {
    if (holder.by != client) continue;
    holder = {std::nullopt, now + how_.grace};
  }
}

std::optional<instant> service::next_deadline() const {
  std::optional<instant> first;
  for (const auto& [trial, holder] : holders_) {
    if (holder.until && (!first || *holder.until < *first)) first = holder.until;
  }
  return first;
}

result<service::outbox> service::step(instant now, std::int64_t wall_ms) {
  if (auto beaten = beat(now); !beaten) return beaten.error();
  if (auto looked = look(now); !looked) return looked.error();
  outbox to;
  for (bool is_moving = true; is_moving;) {
    for (auto& [id, client] : clients_) read_next(client, to.bytes[id]);
    auto moved = write_batch(now, wall_ms, to);
    if (!moved) return moved.error();
    is_moving = *moved;
  }
  for (const auto& [id, client] : clients_) {
    if (client.is_over) to.hang_up.insert(id);
  }
  std::erase_if(to.bytes, [](const auto& each) { return each.second.empty(); });
  tell(to);
  return to;
}

/// A journal that was read again has the same notices again.
void service::tell(outbox& to) {
  for (auto& line : journal_.take_notices())
    if (told_.insert(line).second) to.notices.push_back(std::move(line));
}

/// Answers requests up to the next one that writes.
void service::read_next(client& from, std::string& to) {
  while (!from.waiting && !from.is_over) {
    if (!from.is_known && from.from.waiting() > stranger_bytes_max) {
      to += error("NOAUTH this server needs a password");
      from.is_over = true;
      return;
    }
    auto next = from.from.next();
    if (!next) {
      to += error("ERR Protocol error: " + next.error().detail);
      from.is_over = true;
      return;
    }
    if (!*next) return;
    from.waiting = std::move(**next);
    if (from.is_known && is_append(*from.waiting)) return;
    answer(from, to);
    from.waiting.reset();
  }
}

void service::answer(client& from, std::string& to) {
  const auto& words = *from.waiting;
  const auto name = upper(words[0]);
  if (name == "AUTH") {
    to += authenticate(from, words);
  } else if (name == "QUIT") {
    to += simple("OK");
    from.is_over = true;
  } else if (!from.is_known) {
    to += error(
        "NOAUTH Authentication required: put the password into the URL, as in"
        " redis://:PASSWORD@HOST:PORT");
  } else if (name == "PING" && words.size() <= 2) {
    to += words.size() == 2 ? bulk(words[1]) : simple("PONG");
  } else if (name == "SELECT" && words.size() == 2) {
    to += words[1] == "0" ? simple("OK") : error("ERR there is only database 0 here");
  } else if (name == "CLIENT" && words.size() >= 2) {
    to += simple("OK");  // its name, its library
  } else if (name == "SETNX" && words.size() == 3 && words[1].ends_with(number_key)) {
    to += words[1] == number_key
              ? whole_number(0)
              : prefixed(words[1].substr(0, words[1].size() - number_key.size()));
  } else if (name == "GET" && words.size() == 2) {
    to += get(words[1]);
  } else if (name == "SET" && words.size() == 3 && words[1].ends_with(snapshot_key)) {
    to += simple("OK");  // made from the records by whoever needs one
  } else if (name == "INCR" || name == "INCRBY") {
    to += error(
        "ERR records cannot be added in two steps here: leave out use_cluster=True of the"
        " client's storage");
  } else {
    to += error("ERR unknown command '" + words[0].substr(0, 40) +
                "': this is no Redis but a study server for optuna's JournalRedisStorage");
  }
}

std::string service::authenticate(client& from, const request& words) const {
  if (words.size() != 2 && words.size() != 3) {
    return error("ERR wrong number of arguments for 'auth' command");
  }
  if (how_.password.empty() && words.size() == 2) {
    return error(
        "ERR AUTH <password> called without any password configured: leave it out of the"
        " URL");
  }
  const bool is_right = (words.size() == 2 || words[1] == "default") &&
                        (how_.password.empty() || is_same(words.back(), how_.password));
  if (!is_right) {
    from.is_over = true;
    return error("WRONGPASS invalid username-password pair or user is disabled.");
  }
  from.is_known = true;
  return simple("OK");
}

std::string service::get(const std::string& key) const {
  if (key == number_key) {
    if (journal_.size() == 0) return std::string(nil);
    return bulk(std::to_string(journal_.size() - 1));
  }
  if (key.starts_with(record_key)) {
    std::size_t number = 0;
    const auto* end = key.data() + key.size();
    const auto [stop, wrong] = std::from_chars(key.data() + record_key.size(), end, number);
    if (wrong == std::errc() && stop == end && number < journal_.size()) {
      return bulk(journal_.text_of(number));
    }
    return std::string(nil);
  }
  if (key.ends_with(snapshot_key) || key.ends_with(number_key)) {
    const auto size = key.ends_with(snapshot_key) ? snapshot_key.size() : number_key.size();
    if (key.size() > size) return prefixed(key.substr(0, key.size() - size));
    return std::string(nil);
  }
  return error("ERR key '" + key.substr(0, 40) +
               "' is not served: this is a study server for"
               " optuna's JournalRedisStorage");
}

/// Stores what all clients have to write, and what follows from those that are gone, in one
/// transaction. True where that gave an answer.
result<bool> service::write_batch(instant now, std::int64_t wall_ms, outbox& to) {
  const bool may_go_on = journal_.endings() != endings_seen_;
  const bool is_due = next_deadline() && *next_deadline() <= now;
  const bool has_work = std::ranges::any_of(clients_, [&](const auto& each) {
    return each.second.waiting && (may_go_on || !held_.contains(each.first));
  });
  if (!has_work && !is_due && !has_news_) return false;
  for (int tries = 1;; ++tries) {
    std::map<client_id, std::string> said;
    auto done = try_batch(now, wall_ms, said);
    if (done) {
      for (auto& [id, text] : said) {
        auto& client = clients_[id];
        if (text.empty()) {
          held_.insert(id);
          continue;
        }
        held_.erase(id);
        client.waiting.reset();
        to.bytes[id] += text;
      }
      drop_ended();
      has_news_ = false;
      return std::ranges::any_of(said, [](const auto& each) { return !each.second.empty(); });
    }
    store_.roll_back();
    if (done.error().code == fault_code::stale_epoch) return done.error();
    if (auto again = reload(); !again && again.error().code != fault_code::unreachable) {
      return again.error();
    }
    if (done.error().code == fault_code::unreachable && tries < tries_max) continue;
    for (auto& [id, client] : clients_) {
      if (!client.waiting) continue;
      client.waiting.reset();
      held_.erase(id);
      to.bytes[id] += refusal(done.error());
    }
    return false;
  }
}

result<void> service::try_batch(instant now, std::int64_t wall_ms,
                                std::map<client_id, std::string>& said) {
  if (auto begun = store_.begin(); !begun) return begun;
  if (auto done = has_news_ ? take_news() : drop_vanished(); !done) return done;
  for (auto& [trial, holder] : holders_) {
    if (!holder.until || *holder.until > now || !journal_.open().contains(trial)) continue;
    for (const auto& entry : journal_.lose(trial, wall_ms)) {
      if (auto stored = store_.append(entry); !stored) return stored;
    }
  }
  const auto endings = journal_.endings();  // those of this batch are for the next one
  const bool may_go_on = endings != endings_seen_;
  for (auto& [id, client] : clients_) {
    if (!client.waiting || (held_.contains(id) && !may_go_on)) continue;
    auto done = append(id, client.waiting->back(), wall_ms, said[id]);
    if (!done) return done;
  }
  endings_seen_ = endings;
  return store_.commit();
}

/// Leaves `said` empty where the client has to wait.
result<void> service::append(client_id client, const std::string& record, std::int64_t wall_ms,
                             std::string& said) {
  if (!clients_[client].waiting->at(3).empty()) {
    said = prefixed(clients_[client].waiting->at(3));
    return {};
  }
  auto parsed = store::read_journal_record(record);
  if (parsed && parsed->op == store::journal_op::create_study) {
    const auto name = parsed->fields["study_name"].get<std::string>();
    if (!journal_.has(name)) {
      if (auto known = import({name}); !known) return known;
    }
  }
  if (parsed && parsed->fields.contains("trial_id")) {
    const auto trial = parsed->fields["trial_id"].get<std::int64_t>();
    if (auto checked = check_holder(trial, wall_ms); !checked) return checked;
  }
  std::optional<fault> broken;
  const auto taken = [&](const std::string& study, std::string_view key) {
    auto is_taken = store_.is_taken(study, key);
    if (!is_taken) broken = is_taken.error();
    return is_taken && *is_taken;
  };
  const auto may_be_its = [&](std::int64_t trial) {
    const auto holder = holders_.find(trial);
    return holder == holders_.end() || holder->second.by.value_or(client) == client;
  };
  auto made = journal_.append(record, taken, may_be_its);
  if (broken) return *broken;
  switch (made.what) {
    case journal::answer::kind::later: return {};
    case journal::answer::kind::refused: said = refusal(made.why); return {};
    case journal::answer::kind::stored: break;
  }
  if (auto stored = store_.append(made.entry); !stored) return stored;
  hold(made.entry, client);
  said = nil;
  return {};
}

/// One that cannot be written is made up for by the next: others are patient for several.
result<void> service::beat(instant now) {
  if (journal_.open().empty() || now < next_beat_) return {};
  next_beat_ = now + store::beat_period;
  auto begun = store_.begin();
  if (!begun && begun.error().code == fault_code::stale_epoch) return begun;
  if (begun && store_.beat() && store_.commit()) return {};
  store_.roll_back();
  return {};
}

/// Whoever says something of a trial has it.
void service::hold(const journal_entry& entry, client_id client) {
  if (!entry.counts || entry.about < 0 || !journal_.open().contains(entry.about)) return;
  holders_[entry.about] = {client, std::nullopt};
}

void service::drop_ended() {
  std::erase_if(holders_, [&](const auto& each) { return !journal_.open().contains(each.first); });
}

}  // namespace fabric::journal
