#include "scheduler/objects/fetch_book.hpp"

#include <algorithm>
#include <utility>

namespace fabric::objects {

bool fetch_book::is_fetching(const object_id& what) const {
  return active_.contains(what) ||
         std::ranges::any_of(waiting_, [&](const auto& w) { return w.first == what; });
}

void fetch_book::fetch(const object_id& what, std::uint64_t size, std::vector<program_id> sources,
                       commands& out) {
  if (is_fetching(what)) return;
  fetch_state made;
  made.size = size;
  made.sources.assign(sources.begin(), sources.end());
  waiting_.emplace_back(what, std::move(made));
  fill(out);
}

/// Starts what may start and asks for what may be asked for, in turn, so that a large object does
/// not hold up small ones.
void fetch_book::fill(commands& out) {
  while (active_.size() < how_.fetches_max && !waiting_.empty()) {
    auto [what, state] = std::move(waiting_.front());
    waiting_.pop_front();
    if (state.sources.empty()) {
      out.push_back(fetch_command::give_up{what});
      continue;
    }
    out.push_back(fetch_command::begin{what, state.size});
    if (state.size == 0)
      out.push_back(fetch_command::finish{what});
    else
      active_.emplace(what, std::move(state));
  }
  for (bool asked = true; asked;) {
    asked = false;
    for (auto& [what, state] : active_) asked = ask_one(what, state, out) || asked;
  }
}

bool fetch_book::ask_one(const object_id& what, fetch_state& f, commands& out) {
  if (under_way_ >= how_.parts_max || f.under_way.size() >= how_.parts_each) return false;
  std::pair<std::uint64_t, std::uint64_t> part;
  if (!f.again.empty()) {
    part = *f.again.begin();
    f.again.erase(f.again.begin());
  } else if (f.next < f.size) {
    part = {f.next, std::min(how_.part_bytes, f.size - f.next)};
    f.next += part.second;
  } else {
    return false;
  }
  f.under_way.insert(part);
  ++under_way_;
  out.push_back(fetch_command::ask{f.sources.front(), what, part.first, part.second});
  return true;
}

bool fetch_book::is_wanted(program_id from, const object_id& what, std::uint64_t offset,
                           std::uint64_t bytes) const {
  const auto found = active_.find(what);
  if (found == active_.end() || found->second.sources.front() != from) return false;
  const auto part = found->second.under_way.find(offset);
  return part != found->second.under_way.end() && part->second == bytes;
}

bool fetch_book::came(program_id from, const object_id& what, std::uint64_t offset,
                      std::uint64_t bytes, commands& out) {
  const auto found = active_.find(what);
  if (found == active_.end() || found->second.sources.front() != from) return false;
  auto& f = found->second;
  const auto part = f.under_way.find(offset);
  if (part == f.under_way.end()) return false;
  if (part->second != bytes) {  // it has something else under this name
    next_source(found, out);
    return false;
  }
  f.under_way.erase(part);
  --under_way_;
  f.got += bytes;
  if (f.got == f.size) {
    out.push_back(fetch_command::finish{what});
    end(found);
  }
  fill(out);
  return true;
}

void fetch_book::refused(program_id from, const object_id& what, commands& out) {
  const auto found = active_.find(what);
  if (found == active_.end() || found->second.sources.front() != from) return;
  next_source(found, out);
}

void fetch_book::room_refused(const object_id& what, commands& out) {
  const auto found = active_.find(what);
  if (found == active_.end()) return;
  out.push_back(fetch_command::give_up{what});
  end(found);
  fill(out);
}

void fetch_book::gone(program_id who, commands& out) {
  for (auto& [what, state] : waiting_) std::erase(state.sources, who);
  std::vector<object_id> lost;
  for (auto& [what, state] : active_) {
    if (state.sources.front() == who)
      lost.push_back(what);
    else
      std::erase(state.sources, who);
  }
  for (const auto& what : lost)
    if (const auto found = active_.find(what); found != active_.end()) next_source(found, out);
  fill(out);
}

void fetch_book::give_up_all(commands& out) {
  for (const auto& [what, state] : std::exchange(active_, {}))
    out.push_back(fetch_command::give_up{what});
  for (const auto& [what, state] : std::exchange(waiting_, {}))
    out.push_back(fetch_command::give_up{what});
  under_way_ = 0;
}

/// What the first one was asked for is asked of the next.
void fetch_book::next_source(place which, commands& out) {
  auto& f = which->second;
  f.sources.pop_front();
  under_way_ -= static_cast<std::uint32_t>(f.under_way.size());
  f.again.merge(std::exchange(f.under_way, {}));
  if (f.sources.empty()) {
    out.push_back(fetch_command::give_up{which->first});
    active_.erase(which);
  }
  fill(out);
}

void fetch_book::end(place which) {
  under_way_ -= static_cast<std::uint32_t>(which->second.under_way.size());
  active_.erase(which);
}

}  // namespace fabric::objects
