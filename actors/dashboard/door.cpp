#include "actors/dashboard/door.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "actors/clock.hpp"
#include "resources/check.hpp"

namespace fabric::dashboard {

namespace {

using spawner::unique_fd;

constexpr std::string_view end_of_head = "\r\n\r\n";
constexpr int reads_max = 16;  ///< from one caller before the others have their turn
constexpr duration farewell = std::chrono::seconds{1};
constexpr duration pause_without_descriptors = std::chrono::milliseconds{100};

constexpr std::string_view too_large =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: "
    "close\r\n\r\n";
constexpr std::string_view too_slow =
    "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::string_view too_busy =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

std::string numeric(const sockaddr_storage& at, socklen_t size) {
  std::array<char, NI_MAXHOST> text{};
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&at), size, text.data(), text.size(), nullptr,
                  0, NI_NUMERICHOST) != 0)
    return "?";
  std::string_view plain{text.data()};
  constexpr std::string_view mapped = "::ffff:";  // IPv4, on a socket for both
  if (plain.starts_with(mapped) && plain.find('.') != std::string_view::npos)
    plain.remove_prefix(mapped.size());
  return std::string{plain};
}

/// A small text that surely fits into the socket's buffer; nobody waits for it.
void say(const unique_fd& to, std::string_view text) {
  [[maybe_unused]] const auto sent =
      send(to.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

class door::impl {
 public:
  impl(listener at, receiver take)
      : at_(std::move(at)), take_(std::move(take)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    FABRIC_CHECK(wake_);
    thread_ = std::thread{[this] { run(); }};
  }

  ~impl() {
    stopping_ = true;
    wake();
    thread_.join();
  }

  void see_off(unique_fd socket) {
    shutdown(socket.get(), SHUT_WR);
    const std::scoped_lock lock(guard_);
    leaving_.push_back(std::move(socket));
    wake();
  }

 private:
  struct guest {
    caller who;
    instant deadline = never;
    bool is_leaving = false;  ///< was answered; what it still says is thrown away
  };
  enum class next { stay, go };

  void wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto done = write(wake_.get(), &one, sizeof one);
  }

  void run() {
    std::vector<pollfd> ready;
    while (!stopping_) {
      const auto now = actors::now();
      ready.assign(
          {{wake_.get(), POLLIN, 0}, {now < deaf_until_ ? -1 : at_.socket.get(), POLLIN, 0}});
      for (const auto& one : guests_) ready.push_back({one.who.socket.get(), POLLIN, 0});
      if (poll(ready.data(), ready.size(), wait_ms(now)) < 0 && errno != EINTR) return;
      serve(ready);
      if (ready[0].revents != 0) take_leavers();
      if (ready[1].revents != 0) accept_all();
    }
  }

  [[nodiscard]] int wait_ms(instant now) const {
    auto due = now + patience;
    if (deaf_until_ > now) due = std::min(due, deaf_until_);
    for (const auto& one : guests_) due = std::min(due, one.deadline);
    return static_cast<int>(std::max<std::int64_t>(0, (due - now).count() / 1000 + 1));
  }

  /// Reads from those that are ready and hangs up on those that are late.
  void serve(const std::vector<pollfd>& ready) {
    const auto now = actors::now();
    std::vector<guest> stay;
    stay.reserve(guests_.size());
    for (std::size_t i = 0; i < guests_.size(); ++i) {
      auto& one = guests_[i];
      if (ready[i + 2].revents != 0 && hear(one) == next::go) continue;
      if (now < one.deadline)
        stay.push_back(std::move(one));
      else if (!one.is_leaving)
        say(one.who.socket, too_slow);
    }
    guests_ = std::move(stay);
  }

  next hear(guest& one) {
    std::array<char, 4096> part{};
    for (int reads = 0; reads < reads_max; ++reads) {
      const auto got = recv(one.who.socket.get(), part.data(), part.size(), 0);
      if (got < 0) return errno == EAGAIN || errno == EINTR ? next::stay : next::go;
      if (got == 0) return next::go;
      if (one.is_leaving) continue;
      one.who.head.append(part.data(), static_cast<std::size_t>(got));
      if (const auto end = one.who.head.find(end_of_head); end != std::string::npos) {
        one.who.head.resize(end + end_of_head.size());
        if (!take_(one.who)) say(one.who.socket, too_busy);
        return next::go;
      }
      if (one.who.head.size() > head_bytes_max) {
        say(one.who.socket, too_large);
        return next::go;
      }
    }
    return next::stay;
  }

  void take_leavers() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto done = read(wake_.get(), &count, sizeof count);
    const std::scoped_lock lock(guard_);
    for (auto& socket : leaving_)
      admit({.who = {.socket = std::move(socket)},
             .deadline = actors::now() + farewell,
             .is_leaving = true});
    leaving_.clear();
  }

  void accept_all() {
    for (;;) {
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      unique_fd socket{accept4(at_.socket.get(), reinterpret_cast<sockaddr*>(&from), &size,
                               SOCK_CLOEXEC | SOCK_NONBLOCK)};
      if (!socket) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
          deaf_until_ = actors::now() + pause_without_descriptors;
        return;
      }
      sockaddr_storage to{};
      socklen_t to_size = sizeof to;
      getsockname(socket.get(), reinterpret_cast<sockaddr*>(&to), &to_size);
      admit({.who = {.socket = std::move(socket),
                     .remote = numeric(from, size),
                     .local = numeric(to, to_size)},
             .deadline = actors::now() + patience});
    }
  }

  void admit(guest fresh) {
    if (guests_.size() >= callers_max) guests_.erase(guests_.begin());
    guests_.push_back(std::move(fresh));
  }

  listener at_;
  receiver take_;
  unique_fd wake_;
  std::atomic<bool> stopping_ = false;
  std::mutex guard_;
  std::vector<unique_fd> leaving_;  ///< guarded
  std::vector<guest> guests_;       ///< oldest first; of the thread
  instant deaf_until_{};            ///< no descriptors are left until then
  std::thread thread_;
};

door::door(listener at, receiver take)
    : impl_(std::make_unique<impl>(std::move(at), std::move(take))) {}
door::~door() = default;

void door::see_off(spawner::unique_fd socket) { impl_->see_off(std::move(socket)); }

}  // namespace fabric::dashboard
