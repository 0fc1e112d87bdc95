#include "actors/program/object_exchange.hpp"

#include <algorithm>
#include <utility>

#include "actors/clock.hpp"
#include "actors/program/object_parts.hpp"

namespace fabric::actors {

namespace {

namespace program = transport::program;

/// No honest program lets more lie that it asked for.
constexpr std::size_t waiting_bytes_max = 128 << 20;

/// Calls that are given the same object follow each other closely.
constexpr duration spare_lasts = std::chrono::seconds{5};

struct lent_object {
  detail::object_hold what;
  bool is_needed = false;
  std::uint64_t inner_of = 0;  ///< the place of the one that refers to it, from 1; 0: none
};

/// Each before those that it refers to, which follow where it first stands.
std::vector<lent_object> with_inner(const std::vector<detail::carried_hold>& what,
                                    bool are_needed) {
  std::vector<lent_object> all;
  for (const auto& each : what) all.push_back({each.what, each.use == detail::object_use::value});
  std::set<object_id> told;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto outer = all[i].what;
    if (!told.insert(outer->id).second) continue;
    for (auto& each : outer->inner()) all.push_back({std::move(each), are_needed, i + 1});
  }
  return all;
}

}  // namespace

object_exchange::object_exchange(program_id self, std::function<void()> wake)
    : self_(self), wake_(std::move(wake)), aside_(wake_) {}

void object_exchange::open(program_link& link) {
  open({.say = [&link](program_id to, const program::message& what) { link.say(to, what); },
        .waiting_bytes = [&link](program_id to) { return link.waiting_bytes(to); }});
}

detail::object_way object_exchange::way_from(program_id who) {
  return {weak_from_this(), who.value};
}

// From any thread.

std::vector<program::carried_object> object_exchange::lend(
    program_id to, const std::vector<detail::carried_hold>& what, inner objects) {
  std::vector<program::carried_object> told;
  if (what.empty()) return told;
  const auto all = with_inner(what, objects == inner::are_needed);
  const std::scoped_lock lock(mutex_);
  for (const auto& each : all) {
    auto where = each.what->where();
    if (where.source == 0) where.source = self_.value;
    told.push_back({detail::packed_address(where), each.is_needed, each.inner_of});
    lent_[to].emplace(where.id, each.what);
  }
  return told;
}

bool object_exchange::has_lent() const {
  const std::scoped_lock lock(mutex_);
  return !lent_.empty();
}

/// For the link's thread. False where there is no link any more.
bool object_exchange::post(std::function<void()> what) {
  bool is_news = false;
  {
    const std::scoped_lock lock(mutex_);
    if (is_over_) return false;
    inbox_.push_back(std::move(what));
    is_news = !std::exchange(is_told_, true);
  }
  if (is_news) wake_();
  return true;
}

void object_exchange::fetch(const detail::object_hold& what) {
  if (!post([this, what] { begin(what); })) what->lose(lost_with(what->id));
}

void object_exchange::give_back(std::uint64_t lender, const object_id& what) {
  post([this, lender, what] { returning_[program_id{lender}].which.push_back(name_of(what)); });
}

void object_exchange::keep_spare(detail::object_hold what) {
  bool is_news = false;
  {
    const std::scoped_lock lock(mutex_);
    if (is_over_) return;
    const auto id = what->id;
    spares_[id] = {std::move(what), now() + spare_lasts};
    is_news = !std::exchange(is_told_, true);  // when it ends
  }
  if (is_news) wake_();
}

void object_exchange::drop_spares() {
  std::map<object_id, spare> spares;
  const std::scoped_lock lock(mutex_);
  spares.swap(spares_);
}

// On the link's thread.

instant object_exchange::turn(instant now) {
  std::vector<std::function<void()>> inbox;
  std::vector<detail::object_hold> expired;  // go without the lock
  instant next = never;
  {
    const std::scoped_lock lock(mutex_);
    inbox.swap(inbox_);
    is_told_ = false;
    std::erase_if(spares_, [&](auto& each) {
      auto& one = each.second;
      if (one.until > now) next = std::min(next, one.until);
      if (one.until <= now) expired.push_back(std::move(one.what));
      return one.until <= now;
    });
  }
  for (auto& each : inbox) each();
  aside_.turn();
  for (auto& [whom, what] : std::exchange(returning_, {})) {
    if (whom == self_)
      take(whom, what);
    else if (!gone_.contains(whom))
      link_.say(whom, what);
  }
  return next;
}

void object_exchange::receive(program_id from, const std::vector<program::carried_object>& what,
                              std::function<void(const references&)> then) {
  auto taken = std::make_shared<references>();
  std::vector<detail::object_hold> needed;
  std::vector<detail::object_hold> known;  // by their places
  for (const auto& each : what) {
    auto& body = known.emplace_back();
    const auto where = detail::unpacked_address(each.reference);
    if (!where) continue;  // unpacking says so
    try {
      body = detail::object_house::here().take_up(*where, way_from(from));
    } catch (const error&) {  // unpacking says that, too
      returning_[from].which.push_back(name_of(where->id));
      continue;
    }
    const bool is_inner = each.inner_of > 0 && each.inner_of < known.size();
    if (is_inner && known[each.inner_of - 1]) known[each.inner_of - 1]->keep(body);
    body->borrow(way_from(from));
    if (!body->is_here()) {
      std::erase_if(borrowed_[from], [](const auto& known) { return known.expired(); });
      borrowed_[from].push_back(body);
      if (each.is_needed)
        needed.push_back(body);
      else if (ending_.contains(from))
        body->fetch([] {});
    }
    taken->push_back(body);
  }
  if (needed.empty()) return then(*taken);
  auto missing = std::make_shared<std::atomic<std::size_t>>(needed.size());
  for (const auto& body : needed)
    body->fetch([this, self = shared_from_this(), taken, missing, then] {
      if (missing->fetch_sub(1) == 1) post([taken, then] { then(*taken); });
    });
}

void object_exchange::pull(program_id from) {
  ending_.insert(from);
  const auto found = borrowed_.find(from);
  if (found == borrowed_.end()) return;
  for (const auto& each : found->second)
    if (const auto body = each.lock()) body->fetch([] {});
}

bool object_exchange::heard(program_id from, program::message& what) {
  const bool is_ours = std::holds_alternative<program::objects_returned>(what) ||
                       std::holds_alternative<program::object_ask>(what) ||
                       std::holds_alternative<program::object_part>(what);
  if (is_ours) std::visit([&](auto& m) { take(from, m); }, what);
  return is_ours;
}

void object_exchange::gone(program_id who) {
  gone_.insert(who);
  ending_.erase(who);
  borrowed_.erase(who);
  std::multimap<object_id, detail::object_hold> freed;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = lent_.find(who); found != lent_.end()) {
      freed.swap(found->second);
      lent_.erase(found);
    }
  }
  commands out;
  book_.gone(who, out);
  carry_out(out);
}

void object_exchange::lost() {
  std::vector<std::function<void()>> inbox;
  std::map<program_id, std::multimap<object_id, detail::object_hold>> freed;
  std::map<object_id, spare> spares;
  {
    const std::scoped_lock lock(mutex_);
    is_over_ = true;
    freed.swap(lent_);
    inbox.swap(inbox_);
    spares.swap(spares_);
  }
  aside_.close();
  for (auto& each : inbox) each();
  commands out;
  book_.give_up_all(out);
  carry_out(out);
  for (const auto& [id, each] : std::exchange(fetching_, {}))  // all there, and not sealed yet
    each.what->lose(lost_with(id));
}

// Fetching.

void object_exchange::begin(const detail::object_hold& what) {
  if (what->is_here() || fetching_.contains(what->id)) return;
  std::vector<program_id> sources;
  for (const auto each : what->sources())
    if (program_id{each} != self_ && !gone_.contains(program_id{each}))
      sources.push_back(program_id{each});
  fetching_[what->id].what = what;
  commands out;
  book_.fetch(what->id, what->size, std::move(sources), out);
  carry_out(out);
}

void object_exchange::carry_out(const commands& what) {
  for (const auto& each : what) std::visit([this](const auto& one) { on(one); }, each);
}

void object_exchange::on(const objects::fetch_command::begin& what) {
  const auto found = fetching_.find(what.what);
  if (found == fetching_.end()) return;
  aside_.run([this, what, land = found->second.land]() -> side_work::news {
    auto begun = land->begin(what.what, what.size);
    if (auto* there = std::get_if<object_landing::here>(&begun))
      return [this, what, there = std::move(*there)] { there_is(what.what, there); };
    if (auto* why = std::get_if<failure>(&begun))
      return [this, what, why = std::move(*why)] { no_room(what.what, why); };
    return {};
  });
}

void object_exchange::there_is(const object_id& what, const object_landing::here& there) {
  const auto found = fetching_.find(what);
  if (found == fetching_.end()) return;
  const auto body = found->second.what;
  fetching_.erase(found);
  commands out;
  book_.room_refused(what, out);
  body->arrive(there.store, std::move(*there.held));
  carry_out(out);
}

void object_exchange::no_room(const object_id& what, failure why) {
  const auto found = fetching_.find(what);
  if (found == fetching_.end()) return;
  found->second.why_not = std::move(why);
  found->second.lacks_room = true;
  commands out;
  book_.room_refused(what, out);
  carry_out(out);
}

void object_exchange::on(const objects::fetch_command::ask& what) {
  if (!fetching_.contains(what.what)) return;
  link_.say(what.from, program::object_ask{name_of(what.what), what.offset, what.bytes});
}

void object_exchange::on(const objects::fetch_command::finish& what) {
  const auto found = fetching_.find(what.what);
  if (found == fetching_.end()) return;
  aside_.run([this, what, land = found->second.land]() -> side_work::news {
    if (!land->is_ready()) return {};  // which was told
    auto sealed = std::make_shared<result<objects::handle>>(land->seal());
    return [this, what, sealed] { landed(what.what, std::move(*sealed)); };
  });
}

void object_exchange::landed(const object_id& what, result<objects::handle> sealed) {
  const auto found = fetching_.find(what);
  if (found == fetching_.end()) return;
  const auto body = found->second.what;
  fetching_.erase(found);
  if (!sealed) return body->fail_to_fetch(detail::failure_of_store(sealed.error()));
  try {
    body->arrive(detail::object_house::here().store(), std::move(*sealed));
  } catch (const error& e) {
    body->fail_to_fetch(e.why());
  }
}

void object_exchange::on(const objects::fetch_command::give_up& what) {
  const auto found = fetching_.find(what.what);
  if (found == fetching_.end()) return;
  auto f = std::move(found->second);
  fetching_.erase(found);
  if (f.lacks_room)
    f.what->fail_to_fetch(*f.why_not);
  else
    f.what->lose(f.why_not ? *f.why_not : lost_with(f.what->id));
}

void object_exchange::take(program_id from, program::object_part& what) {
  const auto id = id_of(what.which);
  const auto found = fetching_.find(id);
  if (found == fetching_.end()) return;
  commands out;
  if (!what.why.detail.empty()) {
    found->second.why_not = detail::failure_of_store(what.why);
    book_.refused(from, id, out);
    return carry_out(out);
  }
  if (!book_.is_wanted(from, id, what.offset, what.bytes.size())) {
    book_.came(from, id, what.offset, what.bytes.size(), out);
    return carry_out(out);
  }
  aside_.run([this, from, land = found->second.land, part = std::move(what)]() -> side_work::news {
    if (!land->is_ready()) return {};  // which was told
    auto written = land->write(part.offset, part.bytes);
    const auto id = id_of(part.which);
    if (!written)
      return [this, id, why = detail::failure_of_store(written.error())] { no_room(id, why); };
    return [this, from, id, offset = part.offset, bytes = part.bytes.size()] {
      commands next;
      book_.came(from, id, offset, bytes, next);
      carry_out(next);
    };
  });
}

// For others.

void object_exchange::take(program_id from, program::objects_returned& what) {
  std::vector<detail::object_hold> freed;  // goes without the lock
  const std::scoped_lock lock(mutex_);
  const auto theirs = lent_.find(from);
  if (theirs == lent_.end()) return;
  for (const auto& name : what.which) {
    const auto one = theirs->second.find(id_of(name));
    if (one == theirs->second.end()) continue;
    freed.push_back(std::move(one->second));
    theirs->second.erase(one);
  }
  if (theirs->second.empty()) lent_.erase(theirs);
}

/// Read aside: it may lie on disk.
void object_exchange::take(program_id from, program::object_ask& what) {
  aside_.run([this, from, what]() -> side_work::news {
    auto answer = std::make_shared<program::object_part>(part_of(what));
    return [this, from, answer] {
      if (gone_.contains(from)) return;
      if (link_.waiting_bytes(from) > waiting_bytes_max) {
        answer->bytes.clear();
        answer->why = {fault_code::busy, "more was asked for than is taken", ""};
      }
      link_.say(from, *answer);
    };
  });
}

}  // namespace fabric::actors
