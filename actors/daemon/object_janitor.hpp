#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "actors/objects/store_options.hpp"
#include "fabric/instant.hpp"
#include "fabric/result.hpp"

namespace fabric::daemon {

/// Sees to it that shared memory holds nothing for processes that were killed: frees it every few
/// seconds, and once more when it ends. Programs do that, too, when they start or lack room; this
/// is for when there is no other. Has a thread of its own, since the files may make it wait.
class object_janitor {
 public:
  explicit object_janitor(objects::store_options which);
  ~object_janitor();
  object_janitor(const object_janitor&) = delete;
  object_janitor& operator=(const object_janitor&) = delete;

  static constexpr duration period = std::chrono::seconds{2};

 private:
  void work();
  void tidy();

  const objects::store_options which_;
  std::mutex mutex_;
  std::condition_variable ends_;
  bool is_ending_ = false;
  std::string complained_;
  std::thread thread_;
};

}  // namespace fabric::daemon
