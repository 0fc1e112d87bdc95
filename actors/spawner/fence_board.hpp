#pragma once

#include <sys/mman.h>

#include <atomic>
#include <new>

#include "fabric/instant.hpp"

namespace fabric::spawner {

/// One page that spawner and warden share, so that the fence holds even when the spawner is stuck
/// (stopped, or waiting for a dead network disk): the spawner writes the fence that it was given
/// and whether it has kept it; the warden looks half a second after the fence, and where it was not
/// kept kills everything, the spawner too.
class fence_board {
 public:
  /// Null where the kernel has no page for us. Never given back: it lives as long as both
  /// processes.
  static fence_board* make() {
    void* page = ::mmap(nullptr, sizeof(fence_board), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? nullptr : new (page) fence_board;
  }

  void set(instant at) { at_.store(at.time_since_epoch().count()); }
  void set_kept(instant at) { kept_.store(at.time_since_epoch().count()); }
  [[nodiscard]] instant at() const { return instant{duration{at_.load()}}; }
  [[nodiscard]] bool is_kept() const { return kept_.load() == at_.load(); }

 private:
  static_assert(std::atomic<duration::rep>::is_always_lock_free);
  std::atomic<duration::rep> at_{never.time_since_epoch().count()};
  std::atomic<duration::rep> kept_{0};
};

}  // namespace fabric::spawner
