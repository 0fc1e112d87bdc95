#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace fabric::actors {

/// What takes long, on a thread of its own, so that a link's thread is free to say that this
/// program lives: copying large values, making room for them on disk. One thing after the other, in
/// the order in which they were given. Thread-safe.
class side_work {
 public:
  /// To be done on the link's thread afterwards; may be empty.
  using news = std::function<void()>;

  /// `wake`: soon `turn` is called; after each, and from any thread.
  explicit side_work(std::function<void()> wake) : wake_(std::move(wake)) {}
  side_work(const side_work&) = delete;
  side_work& operator=(const side_work&) = delete;
  ~side_work() { close(); }

  /// Nothing after `close`.
  void run(std::function<news()> work);
  /// On the link's thread.
  void turn();
  /// Whether everything that was given is done, and its news as well.
  [[nodiscard]] bool is_idle() const;
  /// Waits for what has begun, and drops the rest. Idempotent; not from the work.
  void close();

 private:
  void work();

  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable given_;
  std::deque<std::function<news()>> waiting_;
  std::vector<news> done_;
  bool is_busy_ = false;
  bool is_closed_ = false;
  std::thread thread_;  // begun with the first
};

}  // namespace fabric::actors
