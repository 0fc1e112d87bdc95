#include <algorithm>

#include "scheduler/objects/catalogue.hpp"

/// Where an object goes, and what goes to disk for it.
namespace fabric::objects {

namespace {

/// How many idle objects are tried for one that the rest of the disk can take.
constexpr int victims_tried_max = 64;

}  // namespace

/// Of what is being filled in memory, the bytes that the file system still counts as free.
std::uint64_t catalogue::unwritten_bytes() const {
  std::uint64_t unwritten = 0;
  for (row_index i = 0; i < rows_.head->objects_used && !damaged_; ++i) {
    const auto& row = object(i);
    const auto status = status_of(row);
    if (status.is != phase::filling || status.where != place::memory) continue;
    const auto written = __atomic_load_n(&row.written, __ATOMIC_RELAXED);
    unwritten += room_of(row.size) - std::min(room_of(row.size), written);
  }
  return unwritten;
}

/// Whether `need` fits once `made_free` bytes have left. All that is being filled is taken for
/// unwritten first, since looking closer takes a look at every row.
bool catalogue::fits_memory(std::uint64_t need, std::uint64_t made_free, const room& space) const {
  const auto taken = rows_.head->memory_bytes - std::min(made_free, rows_.head->memory_bytes);
  if (taken > space.memory_max || need > space.memory_max - taken) return false;
  const auto free = space.memory_free + std::min(made_free, UINT64_MAX - space.memory_free);
  if (need <= free && rows_.head->filling_bytes <= free - need) return true;
  return need <= free && unwritten_bytes() <= free - need;
}

bool catalogue::fits_disk(std::uint64_t need, const room& space) const {
  const auto taken = rows_.head->disk_bytes;
  return taken <= space.disk_max && need <= space.disk_max - taken && need <= space.disk_free;
}

row_index catalogue::victim(const room& space) const {
  auto i = rows_.head->idle_first;
  for (int tried = 0; i != no_row && tried < victims_tried_max && !damaged_; ++tried) {
    const auto& row = object(i);
    const auto status = status_of(row);
    const bool is_idle = status.is == phase::sealed && status.where == place::memory &&
                         status.move == motion::none && row.in == listed::idle;
    if (!is_idle) damaged_ = true;
    if (fits_disk(room_of(row.size), space)) return i;
    i = row.after;
  }
  return no_row;
}

std::optional<copy_first> catalogue::spill_one(row_index self, const room& space) {
  const auto i = victim(space);
  if (i == no_row || damaged_) return std::nullopt;
  return begin_copy(i, self);
}

copy_first catalogue::begin_copy(row_index i, row_index self) {
  auto status = status_of(object(i));
  status.move = motion::copying;
  status.owner = self;
  set_status(i, status);
  settle(i);
  return {{i, object(i).serial}, object(i).size, status.where};
}

/// The copy takes over only if nobody mapped the object meanwhile: what is mapped stays in its
/// place, so that it is counted there. The side that is left is removed in any case.
void catalogue::copied(object_ref what, copy_outcome how, instant now) {
  now_ = now;
  if (!is_current(what)) return;
  auto status = status_of(object(what.row));
  if (status.move != motion::copying) return;
  const bool takes_over = how == copy_outcome::complete && status.is == phase::sealed &&
                          object(what.row).mapped == 0 && object(what.row).first_hold != no_row;
  if (takes_over) status.where = other(status.where);
  status.move = motion::cleaning;
  status.owner = no_row;
  set_status(what.row, status);
  settle(what.row);
}

map_answer catalogue::map(const object_id& id, row_index self, const room& space, restoring may) {
  const auto i = find(id);
  if (i == no_row) return miss::absent;
  const auto status = status_of(object(i));
  if (status.is == phase::filling) return miss::filling;
  const bool rests_on_disk = status.where == place::disk && status.move == motion::none &&
                             object(i).mapped == 0 && may == restoring::allowed;
  if (rests_on_disk && fits_memory(room_of(object(i).size), 0, space)) return begin_copy(i, self);
  if (!add_hold(i, self, hold_kind::view)) return refusal::no_hold;
  settle(i);
  return found_at(i);
}

}  // namespace fabric::objects
