#include "actors/objects/shared_index.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <new>
#include <utility>

#include "resources/check.hpp"

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace fabric::objects {

namespace {

std::uint64_t file_bytes_of(const table_sizes& sizes) { return header_bytes + table_bytes(sizes); }

std::uint64_t own_pid_namespace() {
  struct stat about {};
  return ::stat("/proc/self/ns/pid", &about) == 0 ? about.st_ino : 0;
}

timespec later(std::chrono::milliseconds patience) {
  timespec until{};
  ::clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += patience.count() / 1000;
  until.tv_nsec += patience.count() % 1000 * 1'000'000;
  if (until.tv_nsec >= 1'000'000'000) {
    ++until.tv_sec;
    until.tv_nsec -= 1'000'000'000;
  }
  return until;
}

result<void> make_lock(pthread_mutex_t& lock) {
  pthread_mutexattr_t how;
  ::pthread_mutexattr_init(&how);
  ::pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
  ::pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
  errno = ::pthread_mutex_init(&lock, &how);
  const bool is_made = errno == 0;
  ::pthread_mutexattr_destroy(&how);
  if (!is_made) return file_fault("make the lock of an object store");
  return {};
}

/// ThreadSanitizer of g++ 12 does not see the call that waits for a while.
void tell_sanitizer_of([[maybe_unused]] pthread_mutex_t& lock) {
#if defined(__SANITIZE_THREAD__)
  __tsan_mutex_pre_lock(&lock, 0);
  __tsan_mutex_post_lock(&lock, 0, 0);
#endif
}

long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* timeout) {
  return ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), operation, value, timeout,
                   nullptr, 0);
}

bool is_size_sane(const table_sizes& sizes) {
  constexpr std::uint32_t most = 1U << 26;
  return sizes.objects <= most && sizes.holds <= most && sizes.parties <= most &&
         sizes.buckets <= most && std::has_single_bit(sizes.buckets);
}

result<void> check_facts(const index_facts& facts, std::uint64_t file_bytes) {
  if (facts.magic != index_magic) return damaged_index("is not an index of ours");
  if (facts.version != index_version || facts.rows != rows_version ||
      facts.mutex_bytes != sizeof(pthread_mutex_t)) {
    auto maker = facts.software;
    maker.back() = '\0';
    return fault{fault_code::version,
                 "the object store was made by " + std::string(maker.data()) + " with layout " +
                     std::to_string(facts.version) + "." + std::to_string(facts.rows) +
                     ", and we have layout " + std::to_string(index_version) + "." +
                     std::to_string(rows_version),
                 "end the programs of the other version and remove the store, or name another "
                 "instance"};
  }
  const bool adds_up = is_size_sane(facts.tables) && facts.file_bytes == file_bytes &&
                       file_bytes_of(facts.tables) == file_bytes &&
                       facts.disk_root.back() == '\0' && facts.spill_name.back() == '\0';
  if (!adds_up) return damaged_index("has another size than it says");
  if (facts.pid_namespace == own_pid_namespace()) return {};
  return fault{fault_code::config,
               "the object store belongs to another container: its processes have other numbers",
               "name another instance, or give this container a /dev/shm of its own"};
}

}  // namespace

fault damaged_index(const std::string& what) {
  return {fault_code::bad_message, "the index of the object store " + what,
          "end the programs that use it and remove the store"};
}

shared_index::shared_index(unique_fd file, mapping memory, std::chrono::milliseconds patience)
    : file_(std::move(file)), memory_(std::move(memory)), patience_(patience) {
  rows_ = tables_at(memory_.data() + header_bytes, header().facts.tables);
}

index_header& shared_index::header() const {
  return *std::launder(reinterpret_cast<index_header*>(memory_.data()));
}

result<void> shared_index::make(const unique_fd& folder, index_facts facts) {
  static constexpr const char* new_name = "index.new";
  FABRIC_CHECK(is_size_sane(facts.tables));
  ::unlinkat(folder.get(), new_name, 0);
  const unique_fd file(
      ::openat(folder.get(), new_name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return file_fault("make the index of an object store");
  facts.file_bytes = file_bytes_of(facts.tables);
  facts.pid_namespace = own_pid_namespace();
  if (::ftruncate(file.get(), static_cast<off_t>(facts.file_bytes)) != 0)
    return file_fault("make the index of an object store");
  if (auto reserved = reserve(file, facts.file_bytes); !reserved) return reserved.error();
  auto memory = mapping::of(file, facts.file_bytes, mapping::access::write);
  if (!memory) return memory.error();
  auto* const header = new (memory->data()) index_header{};
  header->facts = facts;
  if (auto made = make_lock(header->lock); !made) return made.error();
  FABRIC_CHECK(catalogue{tables_at(memory->data() + header_bytes, facts.tables)}.rebuild());
  if (::renameat(folder.get(), new_name, folder.get(), index_name) != 0)
    return file_fault("make the index of an object store");
  return {};
}

result<std::optional<shared_index>> shared_index::open(const unique_fd& folder,
                                                       std::chrono::milliseconds patience) {
  unique_fd file(::openat(folder.get(), index_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file && errno == ENOENT) return std::optional<shared_index>{};
  if (!file) return file_fault("open the index of the object store");
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return file_fault("look at the index");
  if (!S_ISREG(about.st_mode) || about.st_uid != ::geteuid() || (about.st_mode & 077) != 0)
    return fault{fault_code::forbidden, "the index of the object store is not this user's alone",
                 "look who made it, then remove it or name another instance"};
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (size < header_bytes) return damaged_index("is too short");
  index_facts facts;
  if (::pread(file.get(), &facts, sizeof facts, 0) != static_cast<ssize_t>(sizeof facts))
    return damaged_index("cannot be read");
  if (auto good = check_facts(facts, size); !good) return good.error();
  // Held for as long as the file is open, by every version: tells who removes it that it is used.
  while (::flock(file.get(), LOCK_SH | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    return fault{fault_code::busy, "the object store is being removed", "try again in a moment"};
  }
  auto memory = mapping::of(file, size, mapping::access::write);
  if (!memory) return memory.error();
  return std::optional<shared_index>{shared_index{std::move(file), std::move(*memory), patience}};
}

result<void> shared_index::take_lock() {
  auto& lock = header().lock;
  int outcome = ::pthread_mutex_trylock(&lock);
  if (outcome == EBUSY) {
    const auto until = later(patience_);
    outcome = ::pthread_mutex_clocklock(&lock, CLOCK_MONOTONIC, &until);
    if (outcome == 0 || outcome == EOWNERDEAD) tell_sanitizer_of(lock);
  }
  if (outcome == ETIMEDOUT)
    return fault{fault_code::busy,
                 "process " + std::to_string(header().locked_by) +
                     " keeps the object store locked; it may be stopped",
                 "let it go on, or end it"};
  if (outcome == EOWNERDEAD) {
    // Consistent at once: should we die in the next line, the next one is told again.
    ::pthread_mutex_consistent(&lock);
    header().locked_by = ::getpid();
    if (auto done = put_in_order(); !done) {
      give_lock();
      return done;
    }
    return {};
  }
  if (outcome != 0) return damaged_index("has a lock that cannot be taken");
  header().locked_by = ::getpid();
  return {};
}

void shared_index::give_lock() { ::pthread_mutex_unlock(&header().lock); }

result<void> shared_index::put_in_order() {
  catalogue book{rows_, step_};
  return book.rebuild() ? result<void>{} : damaged();
}

result<void> shared_index::damaged() {
  header().is_damaged = 1;
  return damaged_index("is damaged");
}

result<void> shared_index::inspect() {
  if (auto taken = take_lock(); !taken) return taken;
  auto outcome = put_in_order();
  give_lock();
  return outcome;
}

result<void> shared_index::locked(const std::function<void(catalogue&)>& act) {
  if (auto taken = take_lock(); !taken) return taken;
  result<void> outcome;
  if (header().is_removed != 0) {
    outcome = fault{fault_code::not_found, "the object store was removed", "open it anew"};
  } else if (header().is_damaged != 0) {
    outcome = damaged_index("is damaged");
  } else {
    catalogue book{rows_, step_};
    try {
      act(book);
    } catch (...) {
      // Memory for an answer was lacking: what was changed until then is made whole.
      if (!put_in_order()) header().is_damaged = 1;
      give_lock();
      throw;
    }
    // Perhaps only what is derived was overwritten: then the next one finds it in order.
    if (book.is_damaged()) {
      outcome = damaged_index("was damaged");
      if (auto again = put_in_order(); !again) outcome = again;
    }
  }
  give_lock();
  return outcome;
}

void shared_index::mark_removed() {
  if (!take_lock()) return;
  header().is_removed = 1;
  give_lock();
  announce_change();
}

void shared_index::announce_change() {
  auto& top = header();
  top.changes.fetch_add(1);
  if (top.waiting.load() != 0) futex(top.changes, FUTEX_WAKE, INT_MAX, nullptr);
}

std::uint32_t shared_index::changes() const { return header().changes.load(); }

void shared_index::await_change(std::uint32_t seen, std::chrono::milliseconds patience) {
  if (patience.count() <= 0) return;
  const timespec timeout{patience.count() / 1000, patience.count() % 1000 * 1'000'000};
  auto& top = header();
  top.waiting.fetch_add(1);
  futex(top.changes, FUTEX_WAIT, seen, &timeout);
  top.waiting.fetch_sub(1);
}

bool shared_index::is_ours_alone() const {
  const bool alone = ::flock(file_.get(), LOCK_EX | LOCK_NB) == 0;
  // A change of a lock that fails loses the lock that was held, too.
  ::flock(file_.get(), LOCK_SH | LOCK_NB);
  return alone;
}

void shared_index::note_written(object_ref what, std::uint64_t bytes) {
  FABRIC_CHECK(what.row < rows_.objects.size());
  objects::note_written(rows_.objects[what.row], bytes);
}

}  // namespace fabric::objects
