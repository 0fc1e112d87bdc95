#include "actors/gateway/name_book.hpp"

#include <algorithm>

namespace fabric::actors {

namespace {

std::string in_words(const name_book::key& which) {
  return "\"" + which.second + "\"" +
         (which.first.empty() ? "" : " in the namespace \"" + which.first + "\"");
}

fault taken(const name_book::key& which, program_id by) {
  return {fault_code::key_conflict,
          "the name " + in_words(which) + " is held by program " + to_string(by),
          "choose another name, or end what holds it"};
}

fault nobody(const name_book::key& which) {
  return {fault_code::not_found, "nobody holds the name " + in_words(which),
          "start what is to hold it, or wait for it for longer"};
}

fault too_many(std::string what) { return {fault_code::quota, std::move(what), "use fewer"}; }

}  // namespace

name_book::answers name_book::claim(asker who, const key& which, holding what, bool is_again,
                                    instant now) {
  answers out;
  const waiting_claim one{who, which, std::move(what)};
  const auto found = names_.find(which);
  if (found == names_.end() && !is_again && now < decides_from_) {
    if (claims_.size() >= waiting_max)
      out.push_back({who, too_many("too many claims wait for the head to know who is back")});
    else
      claims_.push_back(one);
    return out;
  }
  decide(out, one);
  return out;
}

void name_book::decide(answers& out, const waiting_claim& one) {
  const auto found = names_.find(one.which);
  if (found != names_.end() && found->second.holder != one.what.holder) {
    out.push_back({one.who, taken(one.which, found->second.holder)});
    return;
  }
  if (found == names_.end()) {
    auto& held = held_[one.what.holder];
    if (names_.size() >= names_max || held >= names_per_program_max) {
      out.push_back({one.who, too_many("program " + to_string(one.what.holder) + " holds " +
                                       std::to_string(held) + " names, of " +
                                       std::to_string(names_.size()) + " in all")});
      return;
    }
    ++held;
  }
  names_[one.which] = one.what;
  out.push_back({one.who, one.what});
  give(out, one.which, one.what);
}

/// To those who wait for it.
void name_book::give(answers& out, const key& which, const holding& what) {
  const auto found = finds_.find(which);
  if (found == finds_.end()) return;
  for (const auto& one : found->second) out.push_back({one.who, what});
  finds_count_ -= found->second.size();
  finds_.erase(found);
}

name_book::answers name_book::find(asker who, const key& which, instant until, instant now) {
  if (const auto found = names_.find(which); found != names_.end()) return {{who, found->second}};
  if (until <= now) return {{who, nobody(which)}};
  if (finds_count_ >= waiting_max) return {{who, too_many("too many wait for names")}};
  finds_[which].push_back({who, until});
  ++finds_count_;
  return {};
}

void name_book::release(const key& which, program_id holder) {
  const auto found = names_.find(which);
  if (found == names_.end() || found->second.holder != holder) return;
  names_.erase(found);
  if (--held_.at(holder) == 0) held_.erase(holder);
}

void name_book::gone(program_id holder) {
  std::erase_if(claims_, [&](const auto& one) { return one.what.holder == holder; });
  if (held_.erase(holder) == 0) return;
  std::erase_if(names_, [&](const auto& one) { return one.second.holder == holder; });
}

void name_book::forget(session_id session) {
  std::erase_if(claims_, [&](const auto& one) { return one.who.session == session; });
  for (auto& [which, waiting] : finds_)
    finds_count_ -=
        std::erase_if(waiting, [&](const auto& one) { return one.who.session == session; });
  std::erase_if(finds_, [](const auto& one) { return one.second.empty(); });
}

name_book::answers name_book::due(instant now) {
  answers out;
  if (now >= decides_from_)
    for (const auto& one : std::exchange(claims_, {})) decide(out, one);
  for (auto& [which, waiting] : finds_)
    finds_count_ -= std::erase_if(waiting, [&](const auto& one) {
      if (one.until > now) return false;
      out.push_back({one.who, nobody(which)});
      return true;
    });
  std::erase_if(finds_, [](const auto& one) { return one.second.empty(); });
  return out;
}

}  // namespace fabric::actors
