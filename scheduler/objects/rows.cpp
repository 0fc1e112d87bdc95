#include "scheduler/objects/rows.hpp"

namespace fabric::objects {

namespace {

template <class Row>
std::span<Row> rows_at(std::byte*& memory, std::uint32_t count) {
  auto* const first = reinterpret_cast<Row*>(memory);
  memory += sizeof(Row) * count;
  return {first, count};
}

}  // namespace

std::size_t table_bytes(const table_sizes& sizes) {
  return sizeof(catalogue_head) + sizeof(object_row) * sizes.objects +
         sizeof(hold_row) * sizes.holds + sizeof(party_row) * sizes.parties +
         sizeof(row_index) * sizes.buckets;
}

tables tables_at(std::byte* memory, const table_sizes& sizes) {
  tables all;
  all.head = rows_at<catalogue_head>(memory, 1).data();
  all.objects = rows_at<object_row>(memory, sizes.objects);
  all.holds = rows_at<hold_row>(memory, sizes.holds);
  all.parties = rows_at<party_row>(memory, sizes.parties);
  all.buckets = rows_at<row_index>(memory, sizes.buckets);
  return all;
}

}  // namespace fabric::objects
