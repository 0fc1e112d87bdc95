#include "scheduler/objects/catalogue.hpp"

namespace fabric::objects {

namespace {

/// What files are made of on every machine that we run on, or a divisor of it.
constexpr std::uint64_t page_bytes = 4096;

}  // namespace

void note_written(object_row& row, std::uint64_t bytes) {
  __atomic_fetch_add(&row.written, bytes, __ATOMIC_RELAXED);
}

std::uint64_t catalogue::room_of(std::uint64_t size) {
  if (size > UINT64_MAX - page_bytes) return UINT64_MAX / 2;  // fits nowhere, and sums do not wrap
  return size == 0 ? page_bytes : (size + page_bytes - 1) / page_bytes * page_bytes;
}

object_row& catalogue::object(row_index i) const {
  if (i < rows_.head->objects_used && i < rows_.objects.size()) return rows_.objects[i];
  damaged_ = true;
  spare_object_ = {};
  spare_object_.next_in_bucket = spare_object_.before = spare_object_.after =
      spare_object_.first_hold = no_row;
  return spare_object_;
}

hold_row& catalogue::hold(row_index i) const {
  if (i < rows_.head->holds_used && i < rows_.holds.size()) return rows_.holds[i];
  damaged_ = true;
  spare_hold_ = {};
  spare_hold_.next = spare_hold_.object = spare_hold_.party = no_row;
  return spare_hold_;
}

party_row& catalogue::party(row_index i) const {
  if (i < rows_.head->parties_used && i < rows_.parties.size()) return rows_.parties[i];
  damaged_ = true;
  spare_party_ = {};
  spare_party_.next = no_row;
  return spare_party_;
}

row_index& catalogue::bucket_of(const object_id& id) const {
  if (rows_.buckets.empty()) return spare_bucket_;
  return rows_.buckets[std::hash<object_id>{}(id) & (rows_.buckets.size() - 1)];
}

bool catalogue::is_current(object_ref what) const {
  if (what.row >= rows_.head->objects_used || what.row >= rows_.objects.size()) return false;
  const auto& row = rows_.objects[what.row];
  return row.serial == what.serial && status_of(row).is != phase::empty;
}

row_index catalogue::find(const object_id& id) const {
  std::size_t steps = 0;
  for (auto i = bucket_of(id); i != no_row; i = object(i).next_in_bucket) {
    if (++steps > rows_.objects.size()) damaged_ = true;
    if (damaged_) return no_row;
    if (object(i).id == id) return i;
  }
  return no_row;
}

found catalogue::found_at(row_index i) const {
  const auto& row = object(i);
  return {{i, row.serial}, row.size, status_of(row).where};
}

std::optional<row_index> catalogue::attach(std::int32_t pid, std::uint64_t born) {
  const auto i = take_party();
  if (i == no_row) return std::nullopt;
  auto& row = party(i);
  row.pid = pid;
  row.born = born;
  row.name = {};
  publish(row.kind, static_cast<std::uint32_t>(party_kind::process));
  return i;
}

std::vector<process_party> catalogue::processes() const {
  std::vector<process_party> all;
  for (row_index i = 0; i < rows_.head->parties_used && !damaged_; ++i)
    if (kind_of(party(i)) == party_kind::process) all.push_back({i, party(i).pid, party(i).born});
  return all;
}

create_answer catalogue::create(const new_object& what, row_index self, const room& space) {
  if (find(what.id) != no_row) return refusal::exists;
  if (!has_unused_object()) return refusal::no_entry;
  if (!has_unused_hold()) return refusal::no_hold;
  const auto need = room_of(what.size);
  auto where = place::memory;
  if (!fits_memory(need, 0, space)) {
    // Objects go to disk for this one only if that can make enough room.
    if (fits_memory(need, rows_.head->idle_bytes, space))
      if (auto copy = spill_one(self, space)) return *copy;
    if (!fits_disk(need, space)) return refusal::full;
    where = place::disk;
  }
  const auto i = take_object();
  auto& row = object(i);
  row.id = what.id;
  row.size = what.size;
  row.serial = rows_.head->next_serial;
  publish(rows_.head->next_serial, row.serial + 1);
  row.idle_since_us = 0;
  __atomic_store_n(&row.written, std::uint64_t{0}, __ATOMIC_RELAXED);
  row.first_hold = no_row;
  row.mapped = 0;
  row.in = listed::nowhere;
  set_status(i, {phase::filling, where, motion::none, 0, self});
  add_hold(i, self, hold_kind::handle);
  enter_bucket(i);
  return created{{i, row.serial}, where};
}

bool catalogue::seal(object_ref what, row_index self, instant now) {
  now_ = now;
  if (!is_current(what)) return false;
  const auto status = status_of(object(what.row));
  if (status.is != phase::filling || status.owner != self) return false;
  set_status(what.row, {phase::sealed, status.where, motion::none, 0, no_row});
  settle(what.row);
  return true;
}

void catalogue::abandon(object_ref what, instant now) {
  now_ = now;
  if (!is_current(what)) return;
  const auto status = status_of(object(what.row));
  if (status.is != phase::filling) return;
  set_status(what.row, {phase::doomed, status.where, motion::none, 0, no_row});
  settle(what.row);
}

bool catalogue::drop(const object_id& id, instant now) {
  now_ = now;
  const auto i = find(id);
  if (i == no_row || status_of(object(i)).is != phase::sealed) return false;
  auto status = status_of(object(i));
  status.is = phase::dropped;
  set_status(i, status);
  settle(i);
  return true;
}

void catalogue::drop_all(instant now) {
  now_ = now;
  for (row_index i = 0; i < rows_.head->objects_used && !damaged_; ++i) {
    auto status = status_of(object(i));
    if (status.is != phase::sealed) continue;
    status.is = phase::dropped;
    set_status(i, status);
    settle(i);
  }
}

std::optional<chore> catalogue::take_chore(row_index self) {
  const auto i = rows_.head->due_first;
  if (i == no_row || damaged_) return std::nullopt;
  auto status = status_of(object(i));
  const bool is_due = (status.is == phase::doomed || status.move == motion::cleaning) &&
                      status.owner == no_row && object(i).in == listed::due;
  if (!is_due) damaged_ = true;
  if (damaged_) return std::nullopt;
  status.owner = self;
  set_status(i, status);
  relist(i);
  const bool is_whole = status.is == phase::doomed;
  return chore{{i, object(i).serial}, is_whole ? status.where : other(status.where)};
}

void catalogue::chore_done(object_ref what, row_index self, instant now) {
  now_ = now;
  if (!is_current(what)) return;
  auto status = status_of(object(what.row));
  if (status.owner != self) return;
  if (status.move == motion::cleaning) {
    status.move = motion::none;
    status.owner = no_row;
  } else if (status.is == phase::doomed) {
    status = {};
  } else {
    return;
  }
  set_status(what.row, status);
  settle(what.row);
}

}  // namespace fabric::objects
