#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace fabric::detail {

/// Threads that run jobs. There is always one for each job that was given, however many block: a
/// new one is made where all are busy; idle ones beyond `idle_max` end.
class thread_crew {
 public:
  ~thread_crew() { join(); }
  void run(std::function<void()> job);
  /// Waits for all jobs; afterwards none may be given.
  void join();

 private:
  static constexpr std::size_t idle_max = 64;
  void work(std::list<std::thread>::iterator self);

  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<std::function<void()>> jobs_;
  std::size_t idle_ = 0;
  std::list<std::thread> threads_;
  std::vector<std::thread> gone_;  // ended, to be joined
  bool ends_ = false;
};

}  // namespace fabric::detail
