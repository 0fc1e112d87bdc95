#include <algorithm>
#include <utility>

#include "scheduler/objects/catalogue.hpp"

/// All that is derived, made anew from the rows; and whether the rows can be at all.
namespace fabric::objects {

namespace {

/// No object is larger: sums of sizes do not wrap.
constexpr std::uint64_t object_bytes_max = std::uint64_t{1} << 46;

bool is_plausible(const object_row& row, std::uint64_t next_serial, std::uint32_t parties) {
  const auto status = status_of(row);
  if (status.is > phase::doomed || status.where > place::disk || status.move > motion::cleaning)
    return false;
  if (status.is == phase::empty) return true;
  const bool may_move = status.is == phase::sealed || status.is == phase::dropped;
  return (may_move || status.move == motion::none) && row.size <= object_bytes_max &&
         row.serial < next_serial && (status.owner == no_row || status.owner < parties);
}

}  // namespace

bool catalogue::are_plausible() const {
  const auto& head = *rows_.head;
  if (head.objects_used > rows_.objects.size() || head.holds_used > rows_.holds.size() ||
      head.parties_used > rows_.parties.size())
    return false;
  for (row_index i = 0; i < head.objects_used; ++i)
    if (!is_plausible(rows_.objects[i], head.next_serial, head.parties_used)) return false;
  for (row_index i = 0; i < head.holds_used; ++i) {
    const auto& row = rows_.holds[i];
    if (count_of(row) == hold_count{}) continue;
    if (row.object >= head.objects_used || row.party >= head.parties_used) return false;
  }
  for (row_index i = 0; i < head.parties_used; ++i) {
    const auto& row = rows_.parties[i];
    if (row.kind > static_cast<std::uint32_t>(party_kind::name) || row.name.back() != '\0')
      return false;
  }
  return true;
}

bool catalogue::rebuild() {
  if (!are_plausible()) return false;
  damaged_ = false;
  forget_derived();
  rebuild_holds();
  rebuild_parties();
  rebuild_objects();
  return !damaged_;
}

void catalogue::forget_derived() {
  auto& head = *rows_.head;
  head.unused_objects = head.unused_holds = head.unused_parties = no_row;
  head.idle_first = head.idle_last = head.due_first = head.due_last = no_row;
  head.memory_bytes = head.disk_bytes = head.idle_bytes = head.filling_bytes = 0;
  head.objects = 0;
  for (auto& bucket : rows_.buckets) bucket = no_row;
  for (row_index i = 0; i < head.objects_used; ++i) {
    auto& row = object(i);
    row.next_in_bucket = row.before = row.after = row.first_hold = no_row;
    row.mapped = 0;
    row.in = listed::nowhere;
  }
  for (row_index i = 0; i < head.parties_used; ++i) party(i).holds = 0;
}

void catalogue::rebuild_holds() {
  for (row_index i = 0; i < rows_.head->holds_used; ++i) {
    auto& row = hold(i);
    if (count_of(row) != hold_count{}) {
      auto& of = object(row.object);
      const auto is = status_of(of).is;
      const bool counts = is != phase::empty && is != phase::doomed && of.serial == row.serial &&
                          kind_of(party(row.party)) != party_kind::none;
      if (counts) {
        of.mapped += count_of(row).views;
        row.next = of.first_hold;
        of.first_hold = i;
        ++party(row.party).holds;
        continue;
      }
      publish(row.count, std::uint64_t{0});
    }
    put_back_hold(i);
  }
}

void catalogue::rebuild_parties() {
  for (row_index i = 0; i < rows_.head->parties_used; ++i) {
    auto& row = party(i);
    if (kind_of(row) == party_kind::name && row.holds == 0)
      publish(row.kind, static_cast<std::uint32_t>(party_kind::none));
    if (kind_of(row) == party_kind::none) put_back_party(i);
  }
}

/// In the order in which they became idle, so that the list of the idle ones is as it was.
void catalogue::rebuild_objects() {
  std::vector<std::pair<std::int64_t, row_index>> order;
  for (row_index i = 0; i < rows_.head->objects_used; ++i) {
    auto& row = object(i);
    const auto is = status_of(row).is;
    if ((is == phase::filling || is == phase::sealed) && find(row.id) != no_row) damaged_ = true;
    if (is == phase::filling || is == phase::sealed) enter_bucket(i);
    count(row, 1);
    order.emplace_back(is == phase::empty ? 0 : row.idle_since_us, i);
  }
  std::sort(order.begin(), order.end());
  const auto now = now_;
  for (const auto& [since, i] : order) {
    now_ = instant{duration{since}};
    settle(i);
  }
  now_ = now;
}

}  // namespace fabric::objects
