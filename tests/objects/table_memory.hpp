#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scheduler/objects/catalogue.hpp"

namespace fabric::objects {

/// The rows of a catalogue in memory of their own.
class table_memory {
 public:
  explicit table_memory(const table_sizes& sizes)
      : sizes_(sizes), words_(table_bytes(sizes) / sizeof(std::uint64_t) + 1) {}

  tables rows() { return tables_at(reinterpret_cast<std::byte*>(words_.data()), sizes_); }

 private:
  table_sizes sizes_;
  std::vector<std::uint64_t> words_;
};

}  // namespace fabric::objects
