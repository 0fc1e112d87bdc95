#include "actors/dashboard/dashboard.hpp"

#include <spdlog/spdlog.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "actors/clock.hpp"
#include "actors/dashboard/answer_memo.hpp"
#include "actors/dashboard/door.hpp"
#include "actors/dashboard/http_desk.hpp"

namespace fabric::dashboard {

namespace {

constexpr std::size_t shown_max = 100;  ///< bytes of a stranger's text in a line of the log

std::string printable(std::string text) {
  if (text.size() > shown_max) text.resize(shown_max);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  return text;
}

/// The answer to whoever does not pass: it tells a stranger nothing of us.
reply refusal(verdict why) {
  switch (why) {
    case verdict::wrong_host: return {.status = 403, .body = "Forbidden: this is not my name.\n"};
    case verdict::wrong_method:
      return {.status = 405, .body = "Only GET.\n", .headers = {{"Allow", "GET"}}};
    case verdict::too_many:
      return {.status = 429,
              .body = "Too many wrong tokens. Wait a minute.\n",
              .headers = {{"Retry-After", "60"}}};
    default:
      return {.status = 401,
              .body = "Sign in with the link that was printed when the head started.\n",
              .headers = {{"WWW-Authenticate", "Bearer"}}};
  }
}

void log(verdict is, const request& what) {
  switch (is) {
    case verdict::login: spdlog::info("audit: dashboard: signed in from {}", what.remote); break;
    case verdict::wrong_host:
      spdlog::warn("audit: dashboard: refused the host name '{}' from {}",
                   what.hosts.empty() ? "" : printable(what.hosts.front()), what.remote);
      break;
    default: spdlog::warn("audit: dashboard: refused a wrong token from {}", what.remote);
  }
}

/// Callers between the door and the workers. Thread-safe.
class waiting_room {
 public:
  bool enter(caller& who) {
    const std::scoped_lock lock(guard_);
    if (waiting_.size() >= dashboard::waiting_max) return false;
    waiting_.push_back(std::move(who));
    somebody_.notify_one();
    return true;
  }

  /// Blocks; nothing once it is closed.
  std::optional<caller> next() {
    std::unique_lock lock(guard_);
    somebody_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return std::nullopt;
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }

  void close() {
    const std::scoped_lock lock(guard_);
    closed_ = true;
    somebody_.notify_all();
  }

 private:
  std::mutex guard_;
  std::condition_variable somebody_;
  std::deque<caller> waiting_;
  bool closed_ = false;
};

}  // namespace

class dashboard::impl {
 public:
  impl(listener at, gate_settings who, asker ask)
      : cookie_(who.cookie + "=" + who.token + "; Path=/; HttpOnly; SameSite=Strict"),
        gate_(std::move(who)),
        ask_(std::move(ask)),
        site_([this](const auto& topic, const auto& arguments) {
          return remembered(topic, arguments);
        }),
        desk_([this](const request& what) { return answer(what); }),
        door_(std::move(at), [this](caller& who_called) { return room_.enter(who_called); }) {
    for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
  }

  ~impl() {
    room_.close();
    for (auto& thread : threads_) thread.join();
  }

 private:
  void work() {
    while (auto who = room_.next()) {
      desk_.serve(*who);
      door_.see_off(std::move(who->socket));
    }
  }

  reply answer(const request& what) {
    const auto said = judge(what);
    if (said.audit) log(said.is, what);
    if (said.is == verdict::login)
      return {.status = 303, .headers = {{"Location", "/"}, {"Set-Cookie", cookie_}}};
    return said.is == verdict::pass ? site_.get(what) : refusal(said.is);
  }

  judgement judge(const request& what) {
    const std::scoped_lock lock(gate_guard_);
    return gate_.judge(what, actors::now());
  }

  result<std::string> remembered(const std::string& topic, const std::string& arguments) {
    const auto question = topic + arguments;
    const auto begun = actors::now();
    {
      const std::scoped_lock lock(memo_guard_);
      if (auto known = memo_.find(question, begun)) return *std::move(known);
    }
    auto fresh = ask_(topic, arguments);
    const auto ended = actors::now();
    const std::scoped_lock lock(memo_guard_);
    if (fresh) memo_.keep(question, *fresh, ended - begun, ended);
    return fresh;
  }

  std::string cookie_;
  std::mutex gate_guard_;
  gate gate_;
  std::mutex memo_guard_;
  answer_memo memo_;
  asker ask_;
  site site_;
  http_desk desk_;
  waiting_room room_;
  door door_;
  std::vector<std::thread> threads_;
};

dashboard::dashboard(listener at, gate_settings who, asker ask)
    : impl_(std::make_unique<impl>(std::move(at), std::move(who), std::move(ask))) {}
dashboard::~dashboard() = default;

}  // namespace fabric::dashboard
