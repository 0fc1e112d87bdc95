#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "actors/store/study_store.hpp"

namespace fabric::actors {

/// The one thread of a tuner that touches the study's file. Thread-safe.
class study_keeper {
 public:
  explicit study_keeper(store::study_store file);
  ~study_keeper();  ///< does what is queued, then ends
  study_keeper(const study_keeper&) = delete;
  study_keeper& operator=(const study_keeper&) = delete;

  void post(std::function<void(store::study_store&)> work);

 private:
  void run();

  store::study_store file_;
  std::mutex guard_;
  std::condition_variable something_;
  std::deque<std::function<void(store::study_store&)>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fabric::actors
