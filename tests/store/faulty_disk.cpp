#include "tests/store/faulty_disk.hpp"

#include <sqlite3.h>

#include <cstdlib>
#include <cstring>

namespace fabric::store {

namespace {

struct plan {
  std::atomic<long> flushes_left = faulty_disk::never;
  std::atomic<long> writes_left = faulty_disk::never;
  std::atomic<int> write_code = SQLITE_OK;
  std::atomic<long> flushes = 0;
} now;

struct watched_file {
  sqlite3_file base;
  sqlite3_file* real;
};

sqlite3_file* real_of(sqlite3_file* file) { return reinterpret_cast<watched_file*>(file)->real; }

int close_file(sqlite3_file* file) { return real_of(file)->pMethods->xClose(real_of(file)); }
int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
  return real_of(file)->pMethods->xRead(real_of(file), into, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  if (now.writes_left.fetch_sub(1) <= 0) {
    now.writes_left = 0;
    return now.write_code;
  }
  return real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  now.flushes += 1;
  if (now.flushes_left.fetch_sub(1) <= 0) {
    now.flushes_left = 0;
    return SQLITE_IOERR_FSYNC;
  }
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}
int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_reserved(sqlite3_file* file, int* answer) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), answer);
}
int control(sqlite3_file* file, int what, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}
int sector_size(sqlite3_file* file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
int characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
  return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, at);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void barrier(sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
int unmap_shared(sqlite3_file* file, int remove) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

constexpr sqlite3_io_methods methods = {
    2,         close_file,   read_file,       write_file,  truncate_file,
    sync_file, size_of_file, lock_file,       unlock_file, check_reserved,
    control,   sector_size,  characteristics, map_shared,  lock_shared,
    barrier,   unmap_shared, nullptr,         nullptr};

sqlite3_vfs* real_vfs = nullptr;

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* granted) {
  auto* watched = reinterpret_cast<watched_file*>(file);
  watched->real = reinterpret_cast<sqlite3_file*>(watched + 1);
  watched->base.pMethods = nullptr;
  const int code = real_vfs->xOpen(real_vfs, name, watched->real, flags, granted);
  if (watched->real->pMethods != nullptr) watched->base.pMethods = &methods;
  return code;
}

sqlite3_vfs shim;

}  // namespace

faulty_disk::faulty_disk() : before_(sqlite3_vfs_find(nullptr)) {
  real_vfs = before_;
  shim = *before_;
  shim.pNext = nullptr;
  shim.zName = "faulty";
  shim.szOsFile = static_cast<int>(sizeof(watched_file)) + before_->szOsFile;
  shim.xOpen = open_file;
  repair();
  now.flushes = 0;
  if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK) std::abort();
}

faulty_disk::~faulty_disk() {
  sqlite3_vfs_unregister(&shim);
  sqlite3_vfs_register(before_, 1);
}

void faulty_disk::break_flush_after(long count) { now.flushes_left = count; }

void faulty_disk::fill_after(long count) {
  now.write_code = SQLITE_FULL;
  now.writes_left = count;
}

void faulty_disk::break_write_after(long count) {
  now.write_code = SQLITE_IOERR_WRITE;
  now.writes_left = count;
}

void faulty_disk::repair() {
  now.flushes_left = never;
  now.writes_left = never;
}

long faulty_disk::flushes() const { return now.flushes; }

}  // namespace fabric::store
