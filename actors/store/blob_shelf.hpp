#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fabric/result.hpp"

namespace fabric::store {

/// Files that are known by their hash, in one folder: programs whose workers run elsewhere. What is
/// complete was found to have its hash. The least recently used ones make room for new ones.
///
/// Not thread-safe; calls block on the disk.
class blob_shelf {
 public:
  static constexpr std::uint64_t blob_bytes_max = std::uint64_t{4} << 30;
  static constexpr std::uint64_t shelf_bytes_max = std::uint64_t{16} << 30;
  static constexpr std::uint32_t piece_bytes_max = 4 << 20;

  explicit blob_shelf(std::string folder) : folder_(std::move(folder)) {}

  struct progress {
    std::uint64_t here = 0;
    bool is_complete = false;
  };
  /// Appends a piece at `offset`, where that is how far the file is; else only answers how far it
  /// is. Faults: bad_message (hash or sizes make no sense, or the whole has another hash: it is
  /// dropped), too_large, store_full, store_failed.
  result<progress> write(std::string_view hash, std::uint64_t total, std::uint64_t offset,
                         std::string_view data);

  struct piece {
    std::uint64_t total = 0;
    std::string data;
  };
  /// Faults: not_found, store_failed.
  result<piece> read(std::string_view hash, std::uint64_t offset, std::uint32_t bytes_max);

 private:
  [[nodiscard]] std::string path_of(std::string_view hash) const;
  result<void> make_room(std::uint64_t bytes);
  result<progress> complete(const std::string& part, std::string_view hash, std::uint64_t total);

  std::string folder_;
};

}  // namespace fabric::store
