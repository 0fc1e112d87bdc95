#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace fabric::bench {

/// The floor of a call in this process: threads that take functions out of a queue behind a lock.
class thread_queue {
 public:
  explicit thread_queue(unsigned threads);
  ~thread_queue();  ///< runs what is queued
  thread_queue(const thread_queue&) = delete;
  thread_queue& operator=(const thread_queue&) = delete;

  void push(std::function<void()> what);

 private:
  void run();

  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fabric::bench
