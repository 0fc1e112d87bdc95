#include <algorithm>
#include <cstring>

#include "scheduler/objects/catalogue.hpp"

/// Looks at the whole: who holds how much, and whether everything adds up.
namespace fabric::objects {

catalogue_usage catalogue::usage() const {
  const auto& head = *rows_.head;
  catalogue_usage all{head.memory_bytes, head.disk_bytes, head.idle_bytes, head.objects};
  std::vector<holder_usage> by_party(
      std::min<std::size_t>(head.parties_used, rows_.parties.size()));
  for (row_index i = 0; i < head.holds_used && !damaged_; ++i) {
    const auto& row = hold(i);
    if (count_of(row) == hold_count{} || row.party >= by_party.size()) continue;
    auto& holder = by_party[row.party];
    ++holder.objects;
    holder.views += count_of(row).views;
    holder.bytes += room_of(object(row.object).size);
  }
  for (row_index i = 0; i < head.objects_used && !damaged_; ++i) {
    const auto status = status_of(object(i));
    if (status.is == phase::filling) ++all.filling;
    if (status.is == phase::sealed && status.where == place::disk) ++all.spilled;
  }
  for (row_index i = 0; i < by_party.size() && !damaged_; ++i) {
    auto& holder = by_party[i];
    holder.kind = kind_of(party(i));
    holder.pid = party(i).pid;
    const auto& name = party(i).name;
    holder.name.assign(name.begin(), std::find(name.begin(), name.end(), '\0'));
    if (holder.kind != party_kind::none) all.holders.push_back(std::move(holder));
  }
  std::stable_sort(all.holders.begin(), all.holders.end(),
                   [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  return all;
}

namespace {

template <class Row>
void copy_rows(std::span<const Row> from, std::span<Row> to) {
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size_bytes());
}

/// Since when each of the idle ones is; rows of one instant may be in any order.
std::vector<std::int64_t> idle_times(const tables& rows) {
  std::vector<std::int64_t> order;
  for (auto i = rows.head->idle_first; i != no_row && order.size() <= rows.objects.size();
       i = rows.objects[i].after)
    order.push_back(rows.objects[i].idle_since_us);
  return order;
}

std::optional<std::string> difference(const tables& is, const tables& should) {
  const auto& a = *is.head;
  const auto& b = *should.head;
  if (a.memory_bytes != b.memory_bytes) return "bytes in memory";
  if (a.disk_bytes != b.disk_bytes) return "bytes on disk";
  if (a.idle_bytes != b.idle_bytes) return "idle bytes";
  if (a.filling_bytes != b.filling_bytes) return "bytes being filled";
  if (a.objects != b.objects) return "number of objects";
  for (row_index i = 0; i < a.objects_used; ++i) {
    const auto& row = is.objects[i];
    const auto name = "object " + std::to_string(row.serial);
    if (row.status != should.objects[i].status) return name + " has another status";
    if (row.mapped != should.objects[i].mapped) return name + " has other views";
    if (row.in != should.objects[i].in) return name + " is in another list";
  }
  for (row_index i = 0; i < a.holds_used; ++i)
    if (is.holds[i].count != should.holds[i].count) return "hold " + std::to_string(i);
  for (row_index i = 0; i < a.parties_used; ++i) {
    if (is.parties[i].kind != should.parties[i].kind) return "party " + std::to_string(i);
    if (is.parties[i].holds != should.parties[i].holds) return "holds of " + std::to_string(i);
  }
  if (idle_times(is) != idle_times(should)) return "order of the idle";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> catalogue::contradiction() const {
  if (damaged_) return "damaged";
  const table_sizes sizes{static_cast<std::uint32_t>(rows_.objects.size()),
                          static_cast<std::uint32_t>(rows_.holds.size()),
                          static_cast<std::uint32_t>(rows_.parties.size()),
                          static_cast<std::uint32_t>(rows_.buckets.size())};
  std::vector<std::uint64_t> memory(table_bytes(sizes) / sizeof(std::uint64_t) + 1);
  const auto copy = tables_at(reinterpret_cast<std::byte*>(memory.data()), sizes);
  *copy.head = *rows_.head;
  copy_rows<object_row>(rows_.objects, copy.objects);
  copy_rows<hold_row>(rows_.holds, copy.holds);
  copy_rows<party_row>(rows_.parties, copy.parties);
  catalogue anew{copy};
  if (!anew.rebuild()) return "rows that cannot be";
  if (auto what = difference(rows_, copy)) return what;
  for (row_index i = 0; i < rows_.head->objects_used; ++i) {
    const auto is = status_of(object(i)).is;
    const bool is_findable = is == phase::filling || is == phase::sealed;
    if (is_findable != (find(object(i).id) == i)) return "object that is found, or not";
  }
  return std::nullopt;
}

}  // namespace fabric::objects
