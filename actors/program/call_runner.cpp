#include "actors/program/call_runner.hpp"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "actors/api/invoke.hpp"
#include "actors/api/note_board.hpp"
#include "actors/clock.hpp"
#include "actors/program/invoking.hpp"

namespace fabric::actors {

namespace {

namespace program = transport::program;

program::attempt_of_call id_of(const program::call& what) { return {what.id, what.attempt}; }

program::outcome stopped(const program::call& what) {
  return {.which = id_of(what), .how = static_cast<std::uint8_t>(program::outcome::kind::stopped)};
}

}  // namespace

void let_signals_in() {
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

/// What a function that runs here knows of itself.
class call_runner::context final : public detail::task_context {
 public:
  context(call_runner& runner, const task& of) : runner_(&runner), task_(&of) {
    id = of.what.id;
    attempt = of.what.attempt;
    name = of.what.function;
    node = runner.where_.node;
  }
  std::stop_token stop_token() override { return task_->stop.get_token(); }
  void pause() override { runner_->lend_slot(*this); }
  void go_on() override { runner_->take_slot(*this); }
  detail::desk* session() override { return runner_->where_.session(); }
  std::string ask_owner(std::string_view topic, std::string body) override {
    return runner_->ask_owner(topic, std::move(body), stop_token());
  }
  [[nodiscard]] program::attempt_of_call which() const { return {id, attempt}; }

 private:
  call_runner* runner_;
  const task* task_;
};

call_runner::call_runner(unsigned slots, surroundings where)
    : slots_(slots), where_(std::move(where)) {}

call_runner::~call_runner() {
  std::vector<std::stop_source> running;
  {
    const std::scoped_lock lock(mutex_);
    ends_ = true;
    waiting_.clear();
    for (auto& one : running_) running.push_back(one.stop);
    moves_.notify_all();
  }
  for (auto& each : running) each.request_stop();
  for (auto& each : threads_) each.join();
}

void call_runner::start(std::vector<program::call> calls) {
  const std::scoped_lock lock(mutex_);
  for (auto& one : calls) waiting_.push_back({std::move(one), {}, false});
  add_thread_if_needed();
  moves_.notify_one();
}

/// One thread more than there are slots in use, so that a slot that becomes free is taken at once.
void call_runner::add_thread_if_needed() {
  if (!ends_ && idle_ == 0 && has_slot() && !waiting_.empty())
    threads_.emplace_back([this] { work(); });
}

void call_runner::work() {
  let_signals_in();
  std::unique_lock lock(mutex_);
  const auto may_take = [&] { return ends_ || (has_slot() && parked_ == 0 && !waiting_.empty()); };
  for (;;) {
    ++idle_;
    moves_.wait(lock, may_take);
    --idle_;
    if (ends_) return;
    running_.splice(running_.end(), waiting_, waiting_.begin());
    run(lock, std::prev(running_.end()));
  }
}

void call_runner::run(std::unique_lock<std::mutex>& lock, std::list<task>::iterator which) {
  ++busy_;
  which->runs = true;
  lock.unlock();
  const instant began = now();
  context self(*this, *which);
  auto made = invoke_with_objects(where_.objects, where_.owner, [&] {
    return detail::invoke(which->what.function, which->what.arguments, self);
  });
  const bool was_stopped = !made.done.ok && which->stop.stop_requested();
  const auto kind = made.done.ok  ? program::outcome::kind::value
                    : was_stopped ? program::outcome::kind::stopped
                                  : program::outcome::kind::failed;
  program::outcome outcome{id_of(which->what), static_cast<std::uint8_t>(kind),
                           std::move(made.done.bytes), now() - began, std::move(made.lent)};
  lock.lock();
  running_.erase(which);
  --busy_;
  ended(std::move(outcome));
  if (parked_ > 0) moves_.notify_all();
}

void call_runner::lend_slot(const context& of) {
  const std::scoped_lock lock(mutex_);
  --busy_;
  changed(of, program::slot_change::kind::blocked);
  add_thread_if_needed();
  moves_.notify_all();
}

void call_runner::take_slot(const context& of) {
  std::unique_lock lock(mutex_);
  changed(of, program::slot_change::kind::unblocked);
  ++parked_;
  moves_.wait(lock, [&] { return has_slot() || ends_; });
  --parked_;
  ++busy_;
  changed(of, program::slot_change::kind::resumed);
}

std::string call_runner::ask_owner(std::string_view topic, std::string body,
                                   const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto ticket = ++notes_;
  news_.emplace_back(program::note{ticket, std::string{topic}, std::move(body)});
  wake_owner();
  moves_.wait(lock, [&] { return ends_ || stop.stop_requested() || answers_.contains(ticket); });
  const auto found = answers_.extract(ticket);
  lock.unlock();
  if (found.empty())
    detail::throw_note_fault({fault_code::cancelled, "the task was asked to stop meanwhile", ""});
  auto& answer = found.mapped();
  if (!answer.why.detail.empty()) detail::throw_note_fault(answer.why);
  return std::move(answer.body);
}

/// One that comes after its asker was stopped is kept, which costs little: it is one a stopped
/// call.
void call_runner::answered(const program::note_answer& what) {
  const std::scoped_lock lock(mutex_);
  answers_.emplace(what.ticket, what);
  moves_.notify_all();
}

bool call_runner::lend() {
  const std::scoped_lock lock(mutex_);
  if (busy_ > 0) return false;
  return is_lent_ = true;
}

void call_runner::go_on() {
  const std::scoped_lock lock(mutex_);
  is_lent_ = false;
  add_thread_if_needed();
  moves_.notify_all();
}

void call_runner::stop(const program::attempt_of_call& which) {
  std::unique_lock lock(mutex_);
  const auto is_it = [&](const task& one) { return id_of(one.what) == which; };
  if (const auto found = std::ranges::find_if(waiting_, is_it); found != waiting_.end()) {
    ended(stopped(found->what));
    waiting_.erase(found);
  } else if (const auto runs = std::ranges::find_if(running_, is_it); runs != running_.end()) {
    auto source = runs->stop;
    lock.unlock();
    source.request_stop();  // what it calls may come back here
    moves_.notify_all();    // it may wait for an answer
  }
}

std::vector<program::attempt_of_call> call_runner::recall(std::uint32_t most) {
  const std::scoped_lock lock(mutex_);
  std::vector<program::attempt_of_call> back;
  for (; back.size() < most && !waiting_.empty(); waiting_.pop_back())
    back.push_back(id_of(waiting_.back().what));
  return back;
}

/// Outcomes in a row share a message.
void call_runner::ended(program::outcome what) {
  auto* last = news_.empty() ? nullptr : std::get_if<program::outcomes>(&news_.back());
  if (last == nullptr) last = &std::get<program::outcomes>(news_.emplace_back(program::outcomes{}));
  last->which.push_back(std::move(what));
  wake_owner();
}

void call_runner::changed(const context& of, program::slot_change::kind how) {
  news_.emplace_back(program::slot_change{of.which(), static_cast<std::uint8_t>(how)});
  wake_owner();
}

void call_runner::wake_owner() {
  if (!std::exchange(told_, true)) where_.woken();
}

std::vector<program::message> call_runner::fetch() {
  const std::scoped_lock lock(mutex_);
  told_ = false;
  return std::exchange(news_, {});
}

bool call_runner::is_idle() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.empty() && running_.empty() && news_.empty();
}

}  // namespace fabric::actors
