#include "actors/api/note_board.hpp"

#include <future>
#include <utility>

#include "fabric/error.hpp"

namespace fabric::detail {

void note_board::take(std::string topic, taker by) {
  const std::scoped_lock lock(mutex_);
  takers_.insert_or_assign(std::move(topic), std::move(by));
}

void note_board::drop(std::string_view topic) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = takers_.find(topic); found != takers_.end()) takers_.erase(found);
}

void note_board::ask(std::string_view topic, std::string body, answer done) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = takers_.find(topic); found != takers_.end())
      return found->second(std::move(body), std::move(done));
  }
  done(fault{fault_code::not_found, "nobody takes notes of " + std::string{topic} + " any more",
             ""});
}

std::string ask_and_wait(note_board& board, std::string_view topic, std::string body) {
  std::promise<result<std::string>> promise;
  auto answered = promise.get_future();
  board.ask(topic, std::move(body),
            [&promise](result<std::string> what) { promise.set_value(std::move(what)); });
  auto what = answered.get();
  if (!what) throw_note_fault(what.error());
  return *std::move(what);
}

void throw_note_fault(const fault& why) {
  const auto kind = why.code == fault_code::cancelled     ? error_kind::cancelled
                    : why.code == fault_code::unsupported ? error_kind::unsupported
                    : why.code == fault_code::not_found   ? error_kind::not_found
                                                          : error_kind::usage;
  throw_failure({.kind = kind, .what = to_line(why)});
}

}  // namespace fabric::detail
