#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/dashboard/listener.hpp"
#include "fabric/instant.hpp"

namespace fabric::dashboard {

/// Somebody who has said all of a request's head.
struct caller {
  spawner::unique_fd socket;  ///< does not block
  std::string remote;         ///< numeric address
  std::string local;          ///< the numeric address that was called
  std::string head;           ///< request line and headers, with the empty line that ends them
};

/// Takes connections and reads what callers ask, on one thread of its own. Callers that say
/// nothing, or say it slowly, cost a descriptor here and no thread: only whole heads go on.
///
/// Bounds: callers at a time (the oldest makes room), bytes of a head, seconds until it is whole.
class door {
 public:
  static constexpr std::size_t callers_max = 256;
  static constexpr std::size_t head_bytes_max = 16 * 1024;
  static constexpr duration patience = std::chrono::seconds{5};

  /// Called on the door's thread; must not block. False refuses the caller: it is told to come
  /// again.
  using receiver = std::function<bool(caller&)>;

  door(listener at, receiver take);
  ~door();  ///< hangs up on everybody and ends the thread
  door(const door&) = delete;
  door& operator=(const door&) = delete;

  /// Ends a connection when its reply was written: closed at once, the rest of a request that
  /// nobody read would destroy the reply on its way. Any thread.
  void see_off(spawner::unique_fd socket);

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace fabric::dashboard
