#include "transport/poll_loop.hpp"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <thread>

#include "transport/admission.hpp"
#include "transport/dialled.hpp"
#include "transport/listener.hpp"
#include "transport/local_links.hpp"
#include "transport/mailbox.hpp"
#include "transport/zap.hpp"

namespace fabric::transport {

namespace {

bool is_local(const std::string& endpoint) { return endpoint.starts_with("inproc://"); }

/// libzmq was built with more transports than are wanted here.
result<void> check_endpoint(const std::string& endpoint) {
  if (is_local(endpoint) || endpoint.starts_with("tcp://")) return {};
  return fault{fault_code::usage, "\"" + endpoint + "\" is no address", "write tcp://ADDRESS:PORT"};
}

/// Each connection is a descriptor; the default of 1024 is soon used up.
void allow_many_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Signals are for the threads of the program, not for the loop.
std::thread thread_without_signals(auto body) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread started(std::move(body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

fault stopped() { return {fault_code::cancelled, "the network loop has stopped", ""}; }

}  // namespace

class poll_loop::impl {
 public:
  impl(loop_options how, event_sink sink) : how_(std::move(how)), sink_(std::move(sink)) {}

  result<void> start();
  result<std::string> listen(const listen_options& where);
  void admit(std::vector<peer_identity> keys) { mailbox_.admit(std::move(keys)); }
  connection_id dial(const dial_options& where);
  result<void> send(connection_id to, header head, const message& body);
  void close(connection_id which) { mailbox_.close(which, closed_here()); }
  void wake() { mailbox_.nudge(); }
  void stop(duration linger);

 private:
  // All below is the loop thread's.
  void run();
  void wait();
  void pass(steady::time_point now);
  void tell();
  void take_turn(steady::time_point now);
  void carry_out(mailbox::content what);
  carrier* owner_of(connection_id which);
  result<std::string> listen_now(const listen_options& where);
  [[nodiscard]] bool may_end(steady::time_point now) const;
  void end();

  const loop_options how_;
  const event_sink sink_;
  mailbox mailbox_;
  std::mutex stopping_;
  std::thread thread_;

  context context_;
  std::optional<zap_responder> zap_;
  admission admitted_;
  local_links* local_ = nullptr;  // one of the carriers
  std::vector<std::unique_ptr<carrier>> carriers_;
  happenings told_;
  std::vector<socket*> watched_;
  std::optional<steady::time_point> turn_at_;
  std::optional<steady::time_point> end_by_;
  bool owes_last_turn_ = false;  // to an owner that may have last words
  bool ended_ = false;
};

result<void> poll_loop::impl::start() {
  allow_many_descriptors();
  if (mailbox_.descriptor() < 0)
    return fault{fault_code::config, "the network loop cannot start: no descriptor is left",
                 "raise the limit of open files (ulimit -n)"};
  auto made = context::start(how_.io_threads);
  if (!made) return made.error();
  context_ = std::move(*made);
  auto zap = zap_responder::open(context_);
  if (!zap) return zap.error();
  zap_ = std::move(*zap);
  auto local = std::make_unique<local_links>(how_);
  local_ = local.get();
  carriers_.push_back(std::move(local));
  thread_ = thread_without_signals([this] { run(); });
  return {};
}

result<std::string> poll_loop::impl::listen(const listen_options& where) {
  if (auto fine = check_endpoint(where.endpoint); !fine) return fine.error();
  auto answer = std::make_shared<std::promise<result<std::string>>>();
  auto coming = answer->get_future();
  if (!mailbox_.order([this, where, answer] { answer->set_value(listen_now(where)); }))
    return stopped();
  return coming.get();
}

result<std::string> poll_loop::impl::listen_now(const listen_options& where) {
  if (ended_) return stopped();
  if (is_local(where.endpoint)) {
    if (auto taken = local_->listen(where); !taken) return taken.error();
    return where.endpoint;
  }
  auto made = listener::open(context_, where, how_, admitted_);
  if (!made) return made.error();
  std::string endpoint = (*made)->endpoint();
  carriers_.push_back(std::move(*made));
  return endpoint;
}

connection_id poll_loop::impl::dial(const dial_options& where) {
  const connection_id id = fresh_connection();
  mailbox_.order([this, id, where] {
    if (ended_) return;
    if (auto fine = check_endpoint(where.endpoint); !fine)
      told_.push_back(link_event::closed{id, fine.error()});
    else if (is_local(where.endpoint))
      local_->dial(id, where, told_);
    else
      carriers_.push_back(dialled::start(context_, id, where, how_, steady::now()));
  });
  return id;
}

result<void> poll_loop::impl::send(connection_id to, header head, const message& body) {
  thread_local std::string encoded;
  encoded.clear();
  if (const auto objection = append(encoded, head, body); !objection.empty())
    return fault{fault_code::bad_message,
                 "a " + std::string{name_of_type(type_of(body))} +
                     " message cannot be sent: " + std::string{objection},
                 "use names of at most 64 KiB in UTF-8"};
  const std::size_t size = encoded.size();
  if (size > how_.frame_bytes_max) {
    std::string{}.swap(encoded);
    return fault{fault_code::too_large,
                 "a " + std::string{name_of_type(type_of(body))} + " message has " +
                     std::to_string(size) + " bytes, the limit is " +
                     std::to_string(how_.frame_bytes_max),
                 "put large data into a file that both sides can reach"};
  }
  mailbox_.message(to, encoded, how_.outbox_bytes_max);
  if (encoded.capacity() > control_frame_bytes_max) std::string{}.swap(encoded);
  return {};
}

void poll_loop::impl::run() {
  while (!may_end(steady::now())) {
    wait();
    pass(steady::now());
  }
  end();
}

void poll_loop::impl::wait() {
  watched_.assign(1, &zap_->questions());
  std::optional<steady::time_point> next = end_by_;
  if (turn_at_) next = next ? std::min(*next, *turn_at_) : *turn_at_;
  for (const auto& c : carriers_) {
    c->watch(watched_);
    if (const auto at = c->wakeup()) next = next ? std::min(*next, *at) : at;
  }
  using std::chrono::milliseconds;
  milliseconds limit{-1};
  if (next)
    limit = std::clamp(std::chrono::ceil<milliseconds>(*next - steady::now()), milliseconds{0},
                       milliseconds{60'000});
  wait_for(watched_, mailbox_.descriptor(), limit);
}

void poll_loop::impl::pass(steady::time_point now) {
  zap_->receive();
  for (auto& c : carriers_) c->read(now, told_);
  tell();
  take_turn(now);
  carry_out(mailbox_.take());
  for (auto& c : carriers_) c->write(now, told_);
  zap_->reply(admitted_);
  std::erase_if(carriers_, [](const auto& c) { return c->is_over(); });
  tell();
}

void poll_loop::impl::tell() {
  if (!told_.empty()) sink_(std::exchange(told_, {}));
}

void poll_loop::impl::take_turn(steady::time_point now) {
  if (!how_.turn) return;
  owes_last_turn_ = false;
  mailbox_.hear_nudges();
  const duration after = how_.turn();
  turn_at_ = after == no_turn_due ? std::nullopt : std::optional{now + after};
}

void poll_loop::impl::carry_out(mailbox::content what) {
  if (what.is_nudged) turn_at_ = steady::now();  // the turn of this pass was before
  for (auto& order : what.orders) order();
  for (auto& [to, messages] : what.messages)
    if (carrier* c = owner_of(to)) c->queue(to, std::move(messages));
  for (auto& [which, why] : what.closes)
    if (carrier* c = owner_of(which)) c->close(which, std::move(why), told_);
  if (!what.admitted) return;
  admitted_.replace(*what.admitted);
  for (auto& c : carriers_) c->recheck(admitted_, told_);
}

carrier* poll_loop::impl::owner_of(connection_id which) {
  const auto found = std::find_if(carriers_.begin(), carriers_.end(),
                                  [&](const auto& c) { return c->owns(which); });
  return found == carriers_.end() ? nullptr : found->get();
}

void poll_loop::impl::stop(duration linger) {
  const std::lock_guard once(stopping_);
  if (!thread_.joinable()) return;
  const auto by = steady::now() + std::max(linger, duration{0});
  mailbox_.order([this, by] {
    end_by_ = by;
    owes_last_turn_ = how_.turn != nullptr;
    mailbox_.nudge();
  });
  thread_.join();
}

bool poll_loop::impl::may_end(steady::time_point now) const {
  if (!end_by_ || owes_last_turn_) return false;
  return now >= *end_by_ || std::none_of(carriers_.begin(), carriers_.end(),
                                         [](const auto& c) { return c->has_unsent(); });
}

void poll_loop::impl::end() {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end_by_ - steady::now());
  for (auto& c : carriers_) c->linger(std::max(left, std::chrono::milliseconds{0}));
  ended_ = true;
  local_ = nullptr;
  carriers_.clear();
  zap_.reset();
  context_.end();
  for (auto& order : mailbox_.shut().orders) order();  // each answers that it is too late
}

result<std::unique_ptr<poll_loop>> poll_loop::start(loop_options how, event_sink sink) {
  auto made = std::make_unique<impl>(std::move(how), std::move(sink));
  if (auto started = made->start(); !started) return started.error();
  return std::unique_ptr<poll_loop>(new poll_loop(std::move(made)));
}

poll_loop::poll_loop(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
poll_loop::~poll_loop() { stop(); }

result<std::string> poll_loop::listen(const listen_options& where) { return impl_->listen(where); }
void poll_loop::admit(std::vector<peer_identity> keys) { impl_->admit(std::move(keys)); }
connection_id poll_loop::dial(const dial_options& where) { return impl_->dial(where); }
result<void> poll_loop::send(connection_id to, header head, const message& body) {
  return impl_->send(to, head, body);
}
void poll_loop::wake() { impl_->wake(); }
void poll_loop::close(connection_id which) { impl_->close(which); }
void poll_loop::stop(duration linger) { impl_->stop(linger); }

}  // namespace fabric::transport
