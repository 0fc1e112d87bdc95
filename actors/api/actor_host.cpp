#include "actors/api/actor_host.hpp"

#include <algorithm>
#include <thread>

#include "actors/api/invoke.hpp"
#include "actors/api/terms.hpp"

namespace fabric::detail {

namespace {

/// Calls that an actor runs in a row while others wait for a thread.
constexpr int calls_in_a_row = 64;
constexpr std::size_t threads_min = 4;

}  // namespace

/// One life. Its mutex guards all but what is constant.
class actor_host::instance {
 public:
  instance(roster::actor_id who, roster::incarnation number, actor_birth how)
      : id(who), life(number), birth(std::move(how)) {}

  const roster::actor_id id;
  const roster::incarnation life;
  const actor_birth birth;

  enum class state { making, alive, ended };
  std::mutex mutex;
  state now = state::making;
  bool is_ending = false;
  bool hurries = false;
  roster::event::how_ended how = roster::event::how_ended::told;
  failure why;
  std::deque<std::unique_ptr<actor_job>> mailbox;
  std::vector<actor_job*> running;
  unsigned servers = 0;  // threads that serve it, or are to
  std::uint32_t unsaved = 0;
  const class_entry* of = nullptr;
  std::shared_ptr<void> object;

  /// Under the mutex: more threads are of use.
  [[nodiscard]] bool wants_server() const {
    if (now == state::ended) return false;
    if (now == state::making || is_ending) return servers == 0;
    const auto most = std::min<std::size_t>(birth.concurrency, running.size() + mailbox.size());
    return servers < most;
  }
};

/// What a method, or a constructor, knows while it runs.
class actor_host::scope final : public task_context, public actor_scope {
 public:
  scope(actor_host& host, const instance_ref& of, actor_job* job) : host_(host), of_(of) {
    node = host.where_.node;
    name = of->birth.ref.label;
    attempt = of->life;
    if (job == nullptr) return;
    id = job->number;
    stop_ = &job->stop;
  }

  std::stop_token stop_token() override {
    return stop_ == nullptr ? std::stop_token{} : stop_->get_token();
  }
  void pause() override { host_.thread_waits(); }
  void go_on() override { host_.thread_goes_on(); }
  desk* session() override { return host_.where_.session(); }
  void* object() override { return of_->object.get(); }
  actor_scope* actor() override { return this; }

  void stop() override { finish(roster::event::how_ended::stopped, {}); }
  void fail(std::string why) override {
    finish(roster::event::how_ended::failed,
           {.kind = error_kind::task_failed, .what = std::move(why), .node = std::string(node)});
  }
  void checkpoint() override { wants_checkpoint = true; }
  [[nodiscard]] std::uint32_t life() const override { return of_->life; }
  [[nodiscard]] actor_ref ref() const override { return of_->birth.ref; }

  void finish(roster::event::how_ended how, failure why) {
    const std::lock_guard lock(of_->mutex);
    if (std::exchange(of_->is_ending, true)) return;
    of_->how = how;
    of_->why = std::move(why);
  }

  bool wants_checkpoint = false;

 private:
  actor_host& host_;
  const instance_ref& of_;
  std::stop_source* stop_ = nullptr;
};

actor_host::actor_host(actor_witness& witness, surroundings where)
    : witness_(witness),
      where_(std::move(where)),
      threads_max_(std::max<std::size_t>(threads_min, std::thread::hardware_concurrency())) {}

std::size_t actor_host::size() const {
  const std::lock_guard lock(mutex_);
  return instances_.size();
}

actor_host::instance_ref actor_host::find(roster::actor_id id) const {
  const std::lock_guard lock(mutex_);
  const auto found = instances_.find(id);
  return found == instances_.end() ? nullptr : found->second;
}

void actor_host::make(roster::actor_id id, roster::incarnation life, actor_birth how) {
  auto one = std::make_shared<instance>(id, life, std::move(how));
  {
    const std::lock_guard lock(mutex_);
    instances_[id] = one;
  }
  one->servers = 1;
  schedule(std::move(one));
}

void actor_host::end(roster::actor_id id, roster::incarnation life, bool hurries) {
  const auto one = find(id);
  if (!one || one->life != life) return;
  std::vector<std::stop_source> due;
  {
    const std::lock_guard lock(one->mutex);
    one->is_ending = true;
    one->hurries = hurries;
    if (hurries)
      for (auto* job : one->running) due.push_back(job->stop);
    if (one->wants_server()) {  // else whoever serves it sees to the rest
      ++one->servers;
      schedule(one);
    }
  }
  for (auto& source : due) source.request_stop();
}

void actor_host::push(roster::actor_id id, roster::incarnation life,
                      std::unique_ptr<actor_job> what) {
  if (const auto one = find(id); one && one->life == life) {
    const std::lock_guard lock(one->mutex);
    if (!one->is_ending && one->now != instance::state::ended) {
      one->mailbox.push_back(std::move(what));
      if (one->wants_server()) {
        ++one->servers;
        schedule(one);
      }
      return;
    }
  }
  if (is_closed_) return;
  crew_.run([job = std::shared_ptr<actor_job>(std::move(what))] { job->answer(false); });
}

void actor_host::stop(roster::actor_id id, std::uint64_t caller, std::uint64_t number) {
  const auto one = find(id);
  if (!one) return;
  const auto is_it = [&](const auto& job) {
    return job->caller == caller && job->number == number;
  };
  std::unique_ptr<actor_job> unbegun;
  std::optional<std::stop_source> source;
  {
    const std::lock_guard lock(one->mutex);
    if (const auto at = std::ranges::find_if(one->mailbox, is_it); at != one->mailbox.end()) {
      unbegun = std::move(*at);
      one->mailbox.erase(at);
    } else if (const auto runs = std::ranges::find_if(one->running, is_it);
               runs != one->running.end()) {
      source = (*runs)->stop;
    }
  }
  if (source) source->request_stop();
  // Answered as begun: nobody waits for it, and nothing is to be sent again.
  if (unbegun && !is_closed_)
    crew_.run([job = std::shared_ptr<actor_job>(std::move(unbegun))] { job->answer(true); });
}

// Threads.

void actor_host::schedule(instance_ref which) {
  const std::lock_guard lock(mutex_);
  ready_.push_back(std::move(which));
  start_workers();
}

/// Under the mutex.
void actor_host::start_workers() {
  if (is_closed_ || ready_.empty() || busy_ >= threads_max_) return;
  ++busy_;
  crew_.run([this] { work(); });
}

void actor_host::thread_waits() {
  const std::lock_guard lock(mutex_);
  --busy_;
  start_workers();
}

/// For a while there may be one thread too many; it ends at its next actor.
void actor_host::thread_goes_on() {
  const std::lock_guard lock(mutex_);
  ++busy_;
}

void actor_host::work() {
  if (where_.prepare) where_.prepare();
  std::unique_lock lock(mutex_);
  while (!ready_.empty() && busy_ <= threads_max_ && !is_closed_) {
    const auto next = std::move(ready_.front());
    ready_.pop_front();
    if (!ready_.empty()) start_workers();
    lock.unlock();
    serve(next);
    lock.lock();
  }
  --busy_;
}

void actor_host::serve(const instance_ref& which) {
  auto& one = *which;
  std::unique_lock lock(one.mutex);
  if (one.now == instance::state::making) {
    lock.unlock();
    begin_life(which);
    lock.lock();
  }
  for (int n = 0; !one.is_ending && !one.mailbox.empty() && !is_closed_; ++n) {
    if (n == calls_in_a_row) {
      lock.unlock();
      return schedule(which);  // still counted as a server
    }
    auto job = std::move(one.mailbox.front());
    one.mailbox.pop_front();
    one.running.push_back(job.get());
    if (one.hurries) job->stop.request_stop();  // nobody listens yet
    lock.unlock();
    run_one(which, std::move(job));
    lock.lock();
  }
  --one.servers;
  const bool ends = one.is_ending && one.servers == 0 && one.now != instance::state::ended;
  if (ends) one.now = instance::state::ended;
  const bool again = !ends && !is_closed_ && one.wants_server();
  if (again) ++one.servers;
  lock.unlock();
  if (again) schedule(which);
  if (ends) end_life(which);
}

void actor_host::begin_life(const instance_ref& which) {
  auto& one = *which;
  scope self(*this, which, nullptr);
  failure why;
  std::shared_ptr<void> object;
  const auto* of = find_class(one.birth.class_name);
  if (of == nullptr) {
    why = {.kind = error_kind::unknown_function,
           .what = "no class of actors " + one.birth.class_name +
                   " is registered in the program that runs it; is it another version?"};
  } else {
    auto* before = enter_task(&self);
    try {
      const auto& usual = where_.from_owner;
      unpacking_from came(usual.link.expired() ? unpacking_from::now() : usual);
      reader args{one.birth.arguments};
      object = of->make(args);
      if (where_.fetches_arguments) came.end();
      if (!object) {
        why = {.kind = error_kind::bad_arguments, .what = args.error().detail};
      } else if (one.birth.has_state && of->restore != nullptr) {
        reader state{one.birth.state};
        of->restore(object.get(), state);
        if (!state.ok()) {
          object.reset();
          why = {.kind = error_kind::bad_arguments,
                 .what = "its checkpoint cannot be read: " + state.error().detail};
        }
      }
    } catch (...) {
      object.reset();
      why = *caught_failure();
    }
    enter_task(before);
  }
  why.node = where_.node;
  why.function = one.birth.class_name;
  const bool is_made = object != nullptr;
  {
    const std::lock_guard lock(one.mutex);
    one.of = of;
    one.object = std::move(object);
    one.now = instance::state::alive;
    if (!is_made) {
      one.is_ending = true;
      one.how = roster::event::how_ended::failed;
      one.why = why;
    }
  }
  if (is_made) witness_.made(one.id, one.life);
}

void actor_host::run_one(const instance_ref& which, std::unique_ptr<actor_job> job) {
  auto& one = *which;
  scope self(*this, which, job.get());
  auto* before = enter_task(&self);
  const bool succeeded = job->run(self);
  enter_task(before);
  if (!succeeded && one.birth.ends_on_exception)
    self.finish(roster::event::how_ended::failed,
                {.kind = error_kind::task_failed, .what = "a method of it threw"});
  bool is_due = false;
  {
    const std::lock_guard lock(one.mutex);
    std::erase(one.running, job.get());
    ++one.unsaved;
    const auto every = one.birth.checkpoint_every;
    const bool has_failed =
        !succeeded || (one.is_ending && one.how == roster::event::how_ended::failed);
    is_due = one.of->save != nullptr &&
             (self.wants_checkpoint || (!has_failed && every > 0 && one.unsaved >= every));
    if (is_due) one.unsaved = 0;
  }
  if (is_due)
    answer_after_checkpoint(which, std::move(job));
  else
    job->answer(true);
}

/// A result that was told is not undone by a restart.
void actor_host::answer_after_checkpoint(const instance_ref& which,
                                         std::shared_ptr<actor_job> job) {
  auto& one = *which;
  writer state;
  packing_for_others packs(0, large_values::stay);
  try {
    one.of->save(one.object.get(), state);
  } catch (...) {
    const auto why = caught_failure();
    {
      const std::lock_guard lock(one.mutex);
      if (!std::exchange(one.is_ending, true)) {
        one.how = roster::event::how_ended::failed;
        one.why = *why;
        one.why.what = "save() threw: " + one.why.what;
      }
    }
    return job->answer(true);
  }
  witness_.saved(one.id, one.life, state.take(), packs.take(),
                 [job = std::move(job)] { job->answer(true); });
}

/// Nobody serves it any more.
void actor_host::end_life(const instance_ref& which) {
  auto& one = *which;
  std::deque<std::unique_ptr<actor_job>> unbegun;
  std::shared_ptr<void> object;
  {
    const std::lock_guard lock(one.mutex);
    unbegun.swap(one.mailbox);
    object.swap(one.object);
  }
  for (auto& job : unbegun) job->answer(false);
  const bool was_made = object != nullptr;
  {
    scope self(*this, which, nullptr);
    auto* before = enter_task(&self);
    object.reset();
    enter_task(before);
  }
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = instances_.find(one.id); at != instances_.end() && at->second == which)
      instances_.erase(at);
  }
  if (was_made)
    witness_.ended(one.id, one.life, one.how, one.why);
  else
    witness_.not_made(one.id, one.life, one.why);
}

void actor_host::tell_to_stop() {
  std::vector<instance_ref> all;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    ready_.clear();
    for (const auto& [id, one] : instances_) all.push_back(one);
  }
  for (const auto& one : all) {
    std::vector<std::stop_source> due;
    {
      const std::lock_guard lock(one->mutex);
      one->hurries = true;
      for (auto* job : one->running) due.push_back(job->stop);
    }
    for (auto& source : due) source.request_stop();
  }
}

void actor_host::close() {
  tell_to_stop();
  crew_.join();
  std::unordered_map<roster::actor_id, instance_ref> last;
  {
    const std::lock_guard lock(mutex_);
    last.swap(instances_);
  }
}

}  // namespace fabric::detail
