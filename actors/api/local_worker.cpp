#include "actors/api/local_worker.hpp"

#include <utility>

#include "actors/api/local_fleet.hpp"

namespace fabric::detail {

namespace {

/// Ends are told together for this long: the desk's lock is taken once for many short calls.
constexpr duration report_period = std::chrono::microseconds{200};

}  // namespace

local_run::local_run(local_fleet& fleet, std::shared_ptr<local_worker> at)
    : fleet_(fleet), at_(std::move(at)), last_report_(clock_now()) {
  node = fleet_.node();
  ended_.worker = at_->id;
}

void local_run::run() {
  auto* before = enter_task(this);
  for (;;) {
    while (take()) {
      // What ended before this call is not to wait for it, should it be long.
      if (has_ended_some_ && !std::exchange(is_announced_, true)) fleet_.holds_back();
      run_one();
    }
    if (!report() && fleet_.leave(*this)) break;
  }
  enter_task(before);
}

/// The next call of the line, while this thread has the slot.
bool local_run::take() {
  const std::lock_guard lock(at_->mutex);
  const bool has_slot = at_->active <= local_worker::slots && at_->parked.empty() && !at_->is_lent;
  if (!has_slot || at_->line.empty()) return false;
  now_ = std::move(at_->line.front());
  at_->line.pop_front();
  id = now_.id.value;
  attempt = now_.attempt;
  name = now_.state->terms->name;
  is_stopped_ = false;
  stop_.reset();
  return true;
}

void local_run::run_one() {
  const auto call = std::exchange(now_.state, {});
  call->run(*this, call->terms->rules.failures_max > 0);
  if (call->attempt_failure) call->attempt_failure->node = node;
  call->node = fleet_.node();
  const auto ended = desk::judged(*call, now_.id, now_.attempt);
  {
    const std::lock_guard lock(at_->mutex);
    now_.id = {};
  }
  {
    const std::lock_guard lock(ended_mutex_);
    ended_.calls.push_back(ended);
  }
  has_ended_some_ = true;
  if (clock_now() - last_report_ > report_period) report();
}

bool local_run::report() {
  has_ended_some_ = is_announced_ = false;
  calls::event::reported what;
  {
    const std::lock_guard lock(ended_mutex_);
    const auto now = clock_now();
    if (ended_.calls.empty()) {
      last_report_ = now;
      return false;
    }
    ended_.ran = now - last_report_;
    last_report_ = now;
    what = std::exchange(ended_, {at_->id, {}, {}});
  }
  fleet_.owner().happened(what);
  return true;
}

bool local_run::stop(calls::call_id call, std::uint32_t run_attempt,
                     std::vector<std::stop_source>& due) {
  if (now_.id != call || now_.attempt != run_attempt) return false;
  is_stopped_ = true;
  if (stop_) due.push_back(*stop_);
  return true;
}

std::stop_token local_run::stop_token() {
  const std::lock_guard lock(at_->mutex);
  if (!stop_) {
    stop_.emplace();
    if (is_stopped_) stop_->request_stop();  // nobody listens yet
  }
  return stop_->get_token();
}

std::vector<gpu_share> local_run::gpus() const {
  const std::lock_guard lock(at_->mutex);
  return at_->gpus;
}

void local_run::pause() {
  report();
  {
    const std::lock_guard lock(at_->mutex);
    --at_->active;
    fleet_.advance(at_);
  }
  fleet_.owner().happened(calls::event::blocked{at_->id, now_.id, now_.attempt});
}

desk* local_run::session() { return &fleet_.owner(); }

std::string local_run::ask_owner(std::string_view topic, std::string body) {
  return ask_and_wait(fleet_.owner().notes(), topic, std::move(body));
}

void local_run::go_on() {
  {
    const std::lock_guard lock(at_->mutex);
    is_resumed_ = false;
    at_->parked.push_back(this);
    fleet_.advance(at_);
  }
  fleet_.owner().happened(calls::event::unblocked{at_->id, now_.id, now_.attempt});
  {
    std::unique_lock lock(at_->mutex);
    resumes_.wait(lock, [&] { return is_resumed_; });
  }
  fleet_.owner().happened(calls::event::resumed{at_->id, now_.id, now_.attempt});
  const std::lock_guard lock(ended_mutex_);
  last_report_ = clock_now();
}

}  // namespace fabric::detail
