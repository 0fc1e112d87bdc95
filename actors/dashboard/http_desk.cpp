#include "actors/dashboard/http_desk.hpp"

#include <httplib.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "actors/clock.hpp"

namespace fabric::dashboard {

namespace {

/// The head that the door has read, and the socket to reply to. A body is not there to be read.
class conversation : public httplib::Stream {
 public:
  explicit conversation(const caller& who)
      : who_(who), unread_(who.head), deadline_(actors::now() + http_desk::patience) {}

  [[nodiscard]] bool is_readable() const override { return !unread_.empty(); }
  [[nodiscard]] bool is_writable() const override { return true; }

  ssize_t read(char* to, std::size_t size) override {
    const auto count = std::min(size, unread_.size());
    std::memcpy(to, unread_.data(), count);
    unread_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* from, std::size_t size) override {
    std::size_t done = 0;
    while (done < size) {
      const auto put = send(who_.socket.get(), from + done, size - done, MSG_NOSIGNAL);
      if (put >= 0)
        done += static_cast<std::size_t>(put);
      else if (errno != EINTR && (errno != EAGAIN || !can_write()))
        return -1;
    }
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = who_.remote;
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip = who_.local;
    port = 0;
  }
  [[nodiscard]] socket_t socket() const override { return who_.socket.get(); }

 private:
  [[nodiscard]] bool can_write() const {
    const auto left = (deadline_ - actors::now()).count() / 1000;
    pollfd one{who_.socket.get(), POLLOUT, 0};
    return left > 0 && poll(&one, 1, static_cast<int>(left)) == 1;
  }

  const caller& who_;
  std::string_view unread_;
  instant deadline_;
};

const httplib::Headers in_every_reply = {
    {"Content-Security-Policy",
     "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

request in_our_words(const httplib::Request& from) {
  request made{.method = from.method,
               .path = from.path,
               .authorization = from.get_header_value("Authorization"),
               .cookies = from.get_header_value("Cookie"),
               .remote = from.remote_addr,
               .local = from.local_addr};
  for (const auto& [name, value] : from.params) made.query.emplace(name, value);
  const auto [first, last] = from.headers.equal_range("Host");
  for (auto it = first; it != last; ++it) made.hosts.push_back(it->second);
  return made;
}

void into_its_words(const reply& from, httplib::Response& to) {
  to.status = from.status;
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
  to.set_content(from.body, from.type);
}

}  // namespace

/// The library's server without its sockets and threads.
class http_desk::impl : public httplib::Server {
 public:
  explicit impl(handler answer) : answer_(std::move(answer)) {
    set_default_headers(in_every_reply);
    // Before any of the library's own routing, which would read a body.
    set_pre_routing_handler([this](const httplib::Request& what, httplib::Response& to) {
      into_its_words(answer_(in_our_words(what)), to);
      return HandlerResponse::Handled;
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& to, auto why) {
      to.status = 500;
      log(why);
    });
  }

  void serve(const caller& who) {
    conversation with{who};
    bool is_closed = false;
    process_request(with, true, is_closed, simplify);
  }

 private:
  /// Replies are whole and plain: no ranges (many small ones multiply a reply), no compression.
  static void simplify(httplib::Request& what) {
    what.ranges.clear();
    what.headers.erase("Range");
    what.headers.erase("Accept-Encoding");
    what.headers.erase("Expect");
  }

  static void log(const std::exception_ptr& why) {
    try {
      std::rethrow_exception(why);
    } catch (const std::exception& e) {
      spdlog::error("dashboard: {}", e.what());
    } catch (...) {
      spdlog::error("dashboard: an exception of an unknown kind");
    }
  }

  handler answer_;
};

http_desk::http_desk(handler answer) : impl_(std::make_unique<impl>(std::move(answer))) {}
http_desk::~http_desk() = default;

void http_desk::serve(const caller& who) { impl_->serve(who); }

}  // namespace fabric::dashboard
