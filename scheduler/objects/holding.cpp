#include <algorithm>

#include "scheduler/objects/catalogue.hpp"

/// Who holds what.
namespace fabric::objects {

namespace {

std::string_view text_of(const party_row& row) {
  const auto end = std::find(row.name.begin(), row.name.end(), '\0');
  return {row.name.data(), static_cast<std::size_t>(end - row.name.begin())};
}

}  // namespace

row_index catalogue::find_name(std::string_view name) const {
  for (row_index i = 0; i < rows_.head->parties_used && !damaged_; ++i)
    if (kind_of(party(i)) == party_kind::name && text_of(party(i)) == name) return i;
  return no_row;
}

row_index catalogue::hold_of(row_index object_row, row_index party) const {
  std::size_t steps = 0;
  for (auto i = object(object_row).first_hold; i != no_row && !damaged_; i = hold(i).next) {
    if (++steps > rows_.holds.size() || hold(i).object != object_row) damaged_ = true;
    if (hold(i).party == party) return i;
  }
  return no_row;
}

bool catalogue::add_hold(row_index of, row_index by, hold_kind which) {
  auto i = hold_of(of, by);
  if (i == no_row) {
    i = take_hold();
    if (i == no_row) return false;
    auto& row = hold(i);
    row.object = of;
    row.serial = object(of).serial;
    row.party = by;
    row.next = object(of).first_hold;
    object(of).first_hold = i;
    ++party(by).holds;
  }
  auto count = count_of(hold(i));
  ++(which == hold_kind::view ? count.views : count.handles);
  set_count(i, count);
  return true;
}

void catalogue::set_count(row_index i, hold_count next) {
  auto& row = hold(i);
  object(row.object).mapped += next.views - count_of(row).views;
  publish(row.count, std::bit_cast<std::uint64_t>(next));
}

/// Takes the row out of its object's chain. The name whose last hold it was goes too.
void catalogue::end_hold(row_index i) {
  const auto of = hold(i).object;
  const auto by = hold(i).party;
  set_count(i, {});
  std::size_t steps = 0;
  auto* link = &object(of).first_hold;
  while (*link != i && *link != no_row && !damaged_) {
    if (++steps > rows_.holds.size()) damaged_ = true;
    link = &hold(*link).next;
  }
  if (*link != i) damaged_ = true;
  *link = hold(i).next;
  put_back_hold(i);
  auto& holder = party(by);
  if (--holder.holds == 0 && kind_of(holder) == party_kind::name) {
    publish(holder.kind, static_cast<std::uint32_t>(party_kind::none));
    put_back_party(by);
  }
}

void catalogue::end_all_holds(row_index of) {
  while (object(of).first_hold != no_row && !damaged_) {
    if (hold(object(of).first_hold).object != of) damaged_ = true;
    if (!damaged_) end_hold(object(of).first_hold);
  }
}

hold_answer catalogue::look(const object_id& id) const {
  const auto i = find(id);
  if (i == no_row) return miss::absent;
  if (status_of(object(i)).is == phase::filling) return miss::filling;
  return found_at(i);
}

hold_answer catalogue::hold(const object_id& id, row_index self) {
  auto there = look(id);
  if (const auto* is = std::get_if<found>(&there); is != nullptr)
    if (!add_hold(is->what.row, self, hold_kind::handle)) return refusal::no_hold;
  return there;
}

void catalogue::release(object_ref what, row_index self, hold_kind which, instant now) {
  now_ = now;
  if (!is_current(what)) return;
  const auto i = hold_of(what.row, self);
  if (i == no_row || hold(i).serial != what.serial) return;
  auto count = count_of(hold(i));
  auto& one = which == hold_kind::view ? count.views : count.handles;
  if (one == 0) return;
  --one;
  if (count == hold_count{})
    end_hold(i);
  else
    set_count(i, count);
  settle(what.row);
}

hold_answer catalogue::pin(const object_id& id, std::string_view name) {
  const auto i = find(id);
  if (i == no_row) return miss::absent;
  auto by = find_name(name);
  if (by != no_row && hold_of(i, by) != no_row) return found_at(i);
  if (!has_unused_hold()) return refusal::no_hold;
  if (by == no_row) {
    by = take_party();
    if (by == no_row) return refusal::no_party;
    auto& row = party(by);
    row.pid = 0;
    row.born = 0;
    row.name = {};
    std::copy_n(name.begin(), std::min(name.size(), party_name_max), row.name.begin());
    publish(row.kind, static_cast<std::uint32_t>(party_kind::name));
  }
  add_hold(i, by, hold_kind::handle);
  return found_at(i);
}

bool catalogue::unpin(const object_id& id, std::string_view name, instant now) {
  now_ = now;
  const auto i = find(id);
  const auto by = find_name(name);
  if (i == no_row || by == no_row) return false;
  const auto held = hold_of(i, by);
  if (held == no_row) return false;
  end_hold(held);
  settle(i);
  return true;
}

void catalogue::empty_hands(const std::vector<row_index>& of, instant now) {
  now_ = now;
  const auto is_gone = [&of](row_index party) {
    return std::find(of.begin(), of.end(), party) != of.end();
  };
  std::vector<row_index> touched;
  for (row_index i = 0; i < rows_.head->holds_used && !damaged_; ++i) {
    if (count_of(hold(i)) == hold_count{} || !is_gone(hold(i).party)) continue;
    touched.push_back(hold(i).object);
    end_hold(i);
  }
  for (row_index i = 0; i < rows_.head->objects_used && !damaged_; ++i) {
    auto status = status_of(object(i));
    if (status.is == phase::empty || status.owner == no_row || !is_gone(status.owner)) continue;
    if (status.is == phase::filling) status.is = phase::doomed;
    if (status.move == motion::copying) status.move = motion::cleaning;
    status.owner = no_row;
    set_status(i, status);
    touched.push_back(i);
  }
  for (const auto i : touched) settle(i);
}

void catalogue::bury(const std::vector<row_index>& gone, instant now) {
  if (gone.empty()) return;
  empty_hands(gone, now);
  for (const auto i : gone) {
    if (kind_of(party(i)) != party_kind::process) continue;
    publish(party(i).kind, static_cast<std::uint32_t>(party_kind::none));
    put_back_party(i);
  }
}

}  // namespace fabric::objects
