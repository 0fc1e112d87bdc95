#pragma once

#include <atomic>
#include <cstddef>
#include <limits>

struct sqlite3_vfs;

namespace fabric::store {

/// Stands between SQLite and the disk for the life of the object, and breaks what it is told to.
class faulty_disk {
 public:
  static constexpr long never = std::numeric_limits<long>::max();

  faulty_disk();
  ~faulty_disk();
  faulty_disk(const faulty_disk&) = delete;
  faulty_disk& operator=(const faulty_disk&) = delete;

  /// The flush after the next `count` ones fails with EIO, and so do all later ones.
  void break_flush_after(long count);
  /// The write after the next `count` ones finds no space, and so do all later ones.
  void fill_after(long count);
  /// The write after the next `count` ones fails with EIO, and so do all later ones.
  void break_write_after(long count);
  void repair();

  [[nodiscard]] long flushes() const;

 private:
  sqlite3_vfs* before_;
};

}  // namespace fabric::store
