#include "actors/journal/server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <vector>

#include "actors/clock.hpp"
#include "actors/dashboard/listener.hpp"

namespace fabric::journal {

namespace {

constexpr std::size_t part_bytes = 65'536;
/// A client that does not read its answers is not asked for more.
constexpr std::size_t unread_bytes_max = std::size_t{4} << 20;
constexpr int look_every_ms = 200;

struct line {
  spawner::unique_fd socket;
  std::string unsent;
  bool hangs_up = false;  ///< once all is sent
};

/// A machine that is gone is noticed within about half a minute.
void watch_the_other_side(int socket) {
  const std::array<std::array<int, 3>, 5> options = {{{SOL_SOCKET, SO_KEEPALIVE, 1},
                                                      {IPPROTO_TCP, TCP_KEEPIDLE, 15},
                                                      {IPPROTO_TCP, TCP_KEEPINTVL, 5},
                                                      {IPPROTO_TCP, TCP_KEEPCNT, 3},
                                                      {IPPROTO_TCP, TCP_NODELAY, 1}}};
  for (const auto& [level, name, value] : options) {
    ::setsockopt(socket, level, name, &value, sizeof value);
  }
}

}  // namespace

struct server::sockets {
  dashboard::listener door;
  std::map<client_id, line> lines{};
  client_id last = 0;

  void admit(service& what);
  bool take(client_id id, service& what);
  bool send(client_id id);
};

server::server(std::unique_ptr<sockets> s) : sockets_(std::move(s)) {}
server::~server() = default;
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;

result<server> server::listen(const std::string& host, std::uint16_t port) {
  auto door = dashboard::listen_at(host, port, {"serve studies", "--redis", "port in --redis"});
  if (!door) return door.error();
  return server(std::make_unique<sockets>(sockets{std::move(*door)}));
}

std::uint16_t server::port() const { return sockets_->door.port; }

void server::sockets::admit(service& what) {
  for (;;) {
    const int socket = ::accept4(door.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    spawner::unique_fd owned(socket);
    if (lines.size() >= clients_max) {
      const auto full = error("ERR max number of clients reached");
      (void)::send(socket, full.data(), full.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      continue;
    }
    watch_the_other_side(socket);
    lines[++last].socket = std::move(owned);
    what.connected(last);
  }
}

/// False where the client is gone.
bool server::sockets::take(client_id id, service& what) {
  std::array<char, part_bytes> part{};
  const auto got = ::recv(lines[id].socket.get(), part.data(), part.size(), 0);
  if (got > 0) what.received(id, {part.data(), static_cast<std::size_t>(got)});
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/// False where the client is gone, or all was said to it.
bool server::sockets::send(client_id id) {
  auto& to = lines[id];
  if (!to.unsent.empty()) {
    const auto sent = ::send(to.socket.get(), to.unsent.data(), to.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    to.unsent.erase(0, static_cast<std::size_t>(sent));
  }
  return !to.hangs_up || !to.unsent.empty();
}

result<void> server::run(service& what, const std::function<bool()>& is_enough,
                         const std::function<void(const std::string&)>& notice) {
  auto& lines = sockets_->lines;
  while (!is_enough()) {
    std::vector<pollfd> waits = {{sockets_->door.socket.get(), POLLIN, 0}};
    std::vector<client_id> ids = {0};
    for (const auto& [id, each] : lines) {
      short events = 0;
      if (each.unsent.size() < unread_bytes_max && !each.hangs_up) events |= POLLIN;
      if (!each.unsent.empty()) events |= POLLOUT;
      waits.push_back({each.socket.get(), events, 0});
      ids.push_back(id);
    }
    const int ready = ::poll(waits.data(), waits.size(), look_every_ms);
    if (ready > 0 && waits[0].revents != 0) sockets_->admit(what);
    std::set<client_id> gone;
    for (std::size_t i = 1; ready > 0 && i < waits.size(); ++i) {
      const bool has_news = (waits[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
      if (has_news && !sockets_->take(ids[i], what)) gone.insert(ids[i]);
    }
    const auto now = actors::now();
    for (const auto id : gone) {
      lines.erase(id);
      what.disconnected(id, now);
    }
    auto said = what.step(now, actors::wall_ms());
    if (!said) return said.error();
    for (const auto& line : said->notices) notice(line);
    for (auto& [id, bytes] : said->bytes) lines[id].unsent += bytes;
    for (const auto id : said->hang_up) lines[id].hangs_up = true;
    gone.clear();
    for (auto& [id, each] : lines) {
      if (!sockets_->send(id)) gone.insert(id);
    }
    for (const auto id : gone) {
      lines.erase(id);
      what.disconnected(id, now);
    }
  }
  return {};
}

}  // namespace fabric::journal
