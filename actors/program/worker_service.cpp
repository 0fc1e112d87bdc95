#include "actors/program/worker_service.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>

#include "actors/api/desk.hpp"
#include "actors/program/actor_service.hpp"
#include "actors/program/call_runner.hpp"
#include "actors/program/cluster_fleet.hpp"
#include "actors/program/detached.hpp"
#include "actors/program/object_exchange.hpp"
#include "actors/program/program_link.hpp"
#include "actors/program/worker_environment.hpp"
#include "transport/handshake.hpp"

namespace fabric::actors {

namespace {

namespace program = transport::program;

/// Of calls at a time; a node gives a process to one.
constexpr unsigned slots = 1;

std::string node_name() {
  const char* name = std::getenv("FABRIC_NODE_NAME");
  return name == nullptr ? std::string{} : std::string{name};
}

class worker_service final : public program_listener {
 public:
  explicit worker_service(worker_environment who)
      : who_(std::move(who)),
        objects_(std::make_shared<object_exchange>(new_program_id(), [this] { wake(); })),
        runner_(slots, {.node = node_name(),
                        .woken = [this] { wake(); },
                        .session = [this] { return session(); },
                        .objects = objects_,
                        .owner = who_.owner}),
        actors_({.owner = who_.owner,
                 .node = node_name(),
                 .woken = [this] { wake(); },
                 .session = [this] { return session(); },
                 .objects = objects_}) {}

  int run() {
    auto link = program_link::start(who_.head,
                                    {.id = program_id{objects_->self()}, .name = "worker"}, *this);
    if (!link) return complain(link.error());
    link_ = std::move(*link);
    objects_->open(*link_);
    detail::object_house::here().set_usual_way(objects_->way_from(who_.owner));
    link_->wake();
    std::unique_lock lock(mutex_);
    over_.wait(lock, [&] { return ending_.has_value(); });
    lock.unlock();
    end_session();
    link_->close();
    objects_->lost();
    return *ending_ ? complain(**ending_) : 0;
  }

  // On the link's thread.
  void opened(const transport::welcome&) override {
    if (std::exchange(is_known_, true)) return;
    say(program::serving{who_.attempt,
                         transport::this_build().software,
                         static_cast<std::uint64_t>(::getpid()),
                         node_name(),
                         {store_.high, store_.low}});
  }

  void lost(const fault& why, bool for_good) override {
    if (for_good) end(why);
  }

  void heard(program_id from, std::vector<program::message> messages) override {
    for (auto& one : messages) {
      if (objects_->heard(from, one) || actors_.take(from, one) || from != who_.owner) continue;
      std::visit([this](auto& what) { take(what); }, one);
    }
  }

  void gone(program_id whom) override {
    objects_->gone(whom);
    if (whom == who_.owner)
      end(fault{fault_code::cancelled, "the program that these calls are for is gone", ""});
  }

  void told(transport::message&) override {}

  instant turn(instant now) override {
    for (auto& what : runner_.fetch()) say(what);
    for (auto& [whom, what] : actors_.fetch()) link_->say(whom, what);
    const instant next = objects_->turn(now);
    const bool is_idle =
        runner_.is_idle() && actors_.is_idle() && !objects_->has_lent() && objects_->is_settled();
    if (is_retired_ && is_idle && has_said_all()) end(std::nullopt);
    return next;
  }

 private:
  void take(program::calls& what) { runner_.start(std::move(what.which)); }
  void take(program::stop& what) { runner_.stop(what.which); }
  void take(program::recall& what) { say(program::recalled{runner_.recall(what.most)}); }
  void take(program::lend&) { say(program::lent{runner_.lend()}); }
  void take(program::go_on&) { runner_.go_on(); }
  void take(program::retire&) { is_retired_ = true; }
  void take(program::note_answer& what) { runner_.answered(what); }
  /// What only owners hear.
  void take(auto&) {}

  /// Made when a function first asks for it: a program in its own right, with the key that was
  /// lent.
  detail::desk* session() {
    const std::scoped_lock lock(session_mutex_);
    if (!session_)
      session_ = detail::desk_ref{new detail::desk(
          std::make_unique<cluster_fleet>(who_.head, who_.head.endpoint, who_.head.keys))};
    return session_.get();
  }

  void end_session() {
    const std::scoped_lock lock(session_mutex_);
    if (session_) session_->close();
  }

  [[nodiscard]] bool has_said_all() const {
    return link_->waiting_bytes(who_.owner) == 0 &&
           std::ranges::all_of(actors_.callers(), [this](program_id caller) {
             return link_->waiting_bytes(caller) == 0;
           });
  }

  void say(const program::message& what) { link_->say(who_.owner, what); }
  void wake() { link_->wake(); }

  void end(std::optional<fault> why) {
    const std::scoped_lock lock(mutex_);
    if (!ending_) ending_ = std::move(why);
    over_.notify_one();
  }

  static int complain(const fault& why) {
    std::fprintf(stderr, "fabric worker: %s\n", to_line(why).c_str());
    return 70;
  }

  worker_environment who_;
  std::mutex session_mutex_;
  detail::desk_ref session_;
  std::mutex mutex_;
  std::condition_variable over_;
  std::optional<std::optional<fault>> ending_;
  std::unique_ptr<program_link> link_;
  bool is_known_ = false;
  bool is_retired_ = false;
  const detail::object_visit visit_;
  const object_id store_ = detail::store_of_host();
  const std::shared_ptr<object_exchange> objects_;
  call_runner runner_;  // these two last: their threads wake the link
  actor_service actors_;
};

}  // namespace

int serve_as_worker() {
  auto who = read_worker_environment();
  clear_worker_environment();
  if (!who) {
    std::fprintf(stderr, "fabric worker: %s\n", to_line(who.error()).c_str());
    return 70;
  }
  if (!who->detached.empty()) return serve_as_detached(*who);
  return worker_service{std::move(*who)}.run();
}

}  // namespace fabric::actors
