#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "transport/poll_loop.hpp"

namespace fabric::transport {

/// What a loop told, to be waited for.
class recorder {
 public:
  using condition = std::function<bool(const std::vector<link_event_type>&)>;

  event_sink sink() {
    return [this](std::vector<link_event_type> news) {
      const std::lock_guard lock(mutex_);
      std::move(news.begin(), news.end(), std::back_inserter(told_));
      changed_.notify_all();
    };
  }

  /// False where it does not come true within a time that only a failure takes.
  bool wait(const condition& come_true) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return come_true(told_); });
  }

  bool has_opened(connection_id which) {
    return wait([=](const auto& told) {
      for (const auto& e : told)
        if (const auto* o = std::get_if<link_event::opened>(&e); o && o->connection == which)
          return true;
      return false;
    });
  }

  /// Waits for the end of a connection; its reason.
  std::optional<fault> end_of(connection_id which) {
    std::optional<fault> why;
    wait([&](const auto& told) {
      for (const auto& e : told)
        if (const auto* c = std::get_if<link_event::closed>(&e); c && c->connection == which)
          why = c->why;
      return why.has_value();
    });
    return why;
  }

  /// The first frame of a connection other than `not_of`.
  std::optional<link_event::arrived> first_arrival(connection_id not_of = {}) {
    std::optional<link_event::arrived> first;
    wait([&](const auto& told) {
      for (const auto& e : told)
        if (const auto* a = std::get_if<link_event::arrived>(&e);
            !first && a && a->connection != not_of)
          first = *a;
      return first.has_value();
    });
    return first;
  }

  /// All messages that came from a connection, once there are `n`.
  std::vector<message> messages_from(connection_id which, std::size_t n) {
    std::vector<message> all;
    std::size_t seen = 0;
    wait([&](const auto& told) {
      for (; seen < told.size(); ++seen)
        if (const auto* a = std::get_if<link_event::arrived>(&told[seen]);
            a && a->connection == which)
          for (const auto& m : a->messages) all.push_back(std::get<envelope>(m).body);
      return all.size() >= n;
    });
    return all;
  }

  std::size_t count_of(auto which) {
    const std::lock_guard lock(mutex_);
    std::size_t n = 0;
    for (const auto& e : told_) n += std::holds_alternative<decltype(which)>(e);
    return n;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<link_event_type> told_;
};

inline std::unique_ptr<poll_loop> start_loop(recorder& record, loop_options how = {}) {
  auto loop = poll_loop::start(how, record.sink());
  if (!loop) ADD_FAILURE() << to_line(loop.error());
  return loop ? std::move(*loop) : nullptr;
}

inline peer_identity identity(role as, const key_pair& keys) {
  return {as, keys.public_key, id_of_key(keys.public_key)};
}

/// A head that listens with keys on a free port, and one machine whose key it admits as a worker's.
struct head_and_worker {
  key_pair head_keys = make_key_pair();
  key_pair worker_keys = make_key_pair();
  recorder head_told;
  recorder worker_told;
  std::unique_ptr<poll_loop> head;
  std::unique_ptr<poll_loop> worker;
  std::string endpoint;

  explicit head_and_worker(loop_options how = {})
      : head(start_loop(head_told, how)), worker(start_loop(worker_told, how)) {
    head->admit({identity(role::worker, worker_keys)});
    auto listening = head->listen({"tcp://127.0.0.1:*", head_keys, false});
    if (!listening) ADD_FAILURE() << to_line(listening.error());
    endpoint = listening.value_or("");
  }

  [[nodiscard]] dial_options door() const {
    return {endpoint, head_keys.public_key, worker_keys, std::chrono::seconds{20}};
  }
};

}  // namespace fabric::transport
