#include <algorithm>

#include "scheduler/objects/catalogue.hpp"

/// Free rows, and what follows from an object's status: sums, lists, the hash table.
namespace fabric::objects {

bool catalogue::has_unused_object() const {
  return rows_.head->unused_objects != no_row || rows_.head->objects_used < rows_.objects.size();
}

bool catalogue::has_unused_hold() const {
  return rows_.head->unused_holds != no_row || rows_.head->holds_used < rows_.holds.size();
}

row_index catalogue::take_object() {
  auto& head = *rows_.head;
  if (const auto i = head.unused_objects; i != no_row) {
    if (status_of(object(i)).is != phase::empty) damaged_ = true;
    head.unused_objects = object(i).after;
    return i;
  }
  const auto i = head.objects_used;
  rows_.objects[i] = {};
  publish(head.objects_used, i + 1);
  return i;
}

row_index catalogue::take_hold() {
  auto& head = *rows_.head;
  if (const auto i = head.unused_holds; i != no_row) {
    if (count_of(hold(i)) != hold_count{}) damaged_ = true;
    head.unused_holds = hold(i).next;
    return i;
  }
  const auto i = head.holds_used;
  if (i >= rows_.holds.size()) return no_row;
  rows_.holds[i] = {};
  publish(head.holds_used, i + 1);
  return i;
}

row_index catalogue::take_party() {
  auto& head = *rows_.head;
  if (const auto i = head.unused_parties; i != no_row) {
    if (kind_of(party(i)) != party_kind::none) damaged_ = true;
    head.unused_parties = party(i).next;
    party(i).holds = 0;
    return i;
  }
  const auto i = head.parties_used;
  if (i >= rows_.parties.size()) return no_row;
  rows_.parties[i] = {};
  publish(head.parties_used, i + 1);
  return i;
}

void catalogue::put_back_hold(row_index i) {
  hold(i).next = rows_.head->unused_holds;
  rows_.head->unused_holds = i;
}

void catalogue::put_back_party(row_index i) {
  party(i).next = rows_.head->unused_parties;
  rows_.head->unused_parties = i;
}

void catalogue::count(const object_row& row, int sign) {
  const auto status = status_of(row);
  if (status.is == phase::empty) return;
  auto& head = *rows_.head;
  const auto bytes = sign > 0 ? room_of(row.size) : std::uint64_t{0} - room_of(row.size);
  const bool is_moving = status.move != motion::none;
  if (is_moving || status.where == place::memory) head.memory_bytes += bytes;
  if (is_moving || status.where == place::disk) head.disk_bytes += bytes;
  if (status.is == phase::filling && status.where == place::memory) head.filling_bytes += bytes;
  head.objects += static_cast<std::uint32_t>(sign);
}

void catalogue::set_status(row_index i, row_status next) {
  auto& row = object(i);
  count(row, -1);
  publish(row.status, std::bit_cast<std::uint64_t>(next));
  count(row, 1);
}

/// What nobody needs is doomed, and the row goes to the list that is its.
void catalogue::settle(row_index i) {
  auto& row = object(i);
  auto status = status_of(row);
  const bool is_unneeded = (status.is == phase::sealed && row.first_hold == no_row) ||
                           (status.is == phase::dropped && row.mapped == 0);
  if (is_unneeded && status.move == motion::none) {
    status = {phase::doomed, status.where, motion::none, 0, no_row};
    set_status(i, status);
  }
  if (status.is != phase::filling && status.is != phase::sealed) leave_bucket(i);
  if (status.is == phase::doomed) end_all_holds(i);
  relist(i);
}

void catalogue::relist(row_index i) {
  auto& row = object(i);
  const auto status = status_of(row);
  auto to = listed::nowhere;
  const bool is_to_remove = status.is == phase::doomed || status.move == motion::cleaning;
  if (status.is == phase::empty)
    to = listed::unused;
  else if (is_to_remove && status.owner == no_row)
    to = listed::due;
  else if (status.is == phase::sealed && status.where == place::memory &&
           status.move == motion::none && row.mapped == 0)
    to = listed::idle;
  if (row.in == to) return;
  unlist(i);
  append(i, to);
}

void catalogue::unlist(row_index i) {
  auto& row = object(i);
  auto& head = *rows_.head;
  if (row.in == listed::idle || row.in == listed::due) {
    const bool is_idle = row.in == listed::idle;
    auto& first = is_idle ? head.idle_first : head.due_first;
    auto& last = is_idle ? head.idle_last : head.due_last;
    (row.before == no_row ? first : object(row.before).after) = row.after;
    (row.after == no_row ? last : object(row.after).before) = row.before;
    if (is_idle) head.idle_bytes -= room_of(row.size);
  }
  row.in = listed::nowhere;
}

void catalogue::append(row_index i, listed to) {
  auto& row = object(i);
  auto& head = *rows_.head;
  row.in = to;
  if (to == listed::unused) {
    row.after = head.unused_objects;
    head.unused_objects = i;
    return;
  }
  if (to == listed::nowhere) return;
  const bool is_idle = to == listed::idle;
  auto& first = is_idle ? head.idle_first : head.due_first;
  auto& last = is_idle ? head.idle_last : head.due_last;
  row.before = last;
  row.after = no_row;
  (last == no_row ? first : object(last).after) = i;
  last = i;
  if (!is_idle) return;
  head.idle_bytes += room_of(row.size);
  // Never earlier than the one before it, whose process may have read the clock later.
  const auto before = row.before == no_row ? INT64_MIN : object(row.before).idle_since_us;
  row.idle_since_us = std::max<std::int64_t>(before, now_.time_since_epoch().count());
}

void catalogue::enter_bucket(row_index i) {
  auto& bucket = bucket_of(object(i).id);
  object(i).next_in_bucket = bucket;
  bucket = i;
}

void catalogue::leave_bucket(row_index i) {
  std::size_t steps = 0;
  auto* link = &bucket_of(object(i).id);
  while (*link != i && *link != no_row && !damaged_) {
    if (++steps > rows_.objects.size()) damaged_ = true;
    link = &object(*link).next_in_bucket;
  }
  if (*link == i) *link = object(i).next_in_bucket;
  object(i).next_in_bucket = no_row;
}

}  // namespace fabric::objects
