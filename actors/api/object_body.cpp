#include "actors/api/object_body.hpp"

#include <algorithm>
#include <iterator>
#include <stop_token>
#include <utility>

#include "actors/api/desk.hpp"
#include "actors/api/object_house.hpp"
#include "fabric/task.hpp"

namespace fabric::detail {

namespace {

thread_local unpacking_from* unpacks_from = nullptr;

/// Mapped bytes, and what must outlive them.
struct seen_object {
  std::shared_ptr<open_store> store;
  objects::view seen;
};

failure without_way(const object_id& id) {
  return {.kind = error_kind::object_lost,
          .what = "the object " + to_string(id) +
                  " lies on another host, and the session by which its reference came has ended; "
                  "read it before the session ends"};
}

/// The task of this thread waits: its slot is lent.
class lent_slot {
 public:
  lent_slot() : task_(current_task()) {
    if (task_ != nullptr) task_->pause();
  }
  lent_slot(const lent_slot&) = delete;
  lent_slot& operator=(const lent_slot&) = delete;
  ~lent_slot() {
    if (task_ != nullptr) task_->go_on();
  }

 private:
  task_context* task_;
};

/// With all that its value refers to, and theirs. Waits. Whoever reads what cannot be had is told.
void have_here(object_hold what, const object_way& by) {
  for (std::vector<object_hold> due{std::move(what)}; !due.empty();) {
    const auto body = std::move(due.back());
    due.pop_back();
    try {
      if (!body->is_here()) static_cast<void>(body->map(without_limit));
      if (!body->lacks_inner()) continue;
      body->find_inner(by);
      std::ranges::copy_if(body->inner(), std::back_inserter(due), [](const auto& each) {
        return !each->is_here() || each->lacks_inner();
      });
    } catch (const error&) {
    }
  }
}

void give_back_all(const std::vector<object_way>& lenders, const object_id& what) {
  for (const auto& each : lenders)
    if (const auto link = each.link.lock()) link->give_back(each.from, what);
}

/// One after the other, also where each is the last to know the next: a chain of a million objects
/// would need as many calls in each other.
void let_go(std::vector<object_hold> of) {
  thread_local std::vector<object_hold>* falling = nullptr;
  if (falling != nullptr) {
    std::ranges::move(of, std::back_inserter(*falling));
    return;
  }
  falling = &of;
  while (!of.empty()) {
    const auto next = std::move(of.back());
    of.pop_back();
  }
  falling = nullptr;
}

}  // namespace

void throw_store_fault(const fault& why) { throw_failure(failure_of_store(why)); }

failure failure_of_store(const fault& why) {
  auto kind = error_kind::store_failed;
  if (why.code == fault_code::store_full) kind = error_kind::store_full;
  if (why.code == fault_code::not_found) kind = error_kind::object_lost;
  return {.kind = kind, .what = why.detail + (why.hint.empty() ? "" : "; " + why.hint)};
}

unpacking_from::unpacking_from(object_way by)
    : by_(std::move(by)), before_(std::exchange(unpacks_from, this)) {}

unpacking_from::~unpacking_from() { unpacks_from = before_; }

object_way unpacking_from::now() {
  return unpacks_from == nullptr ? object_house::here().usual_way() : unpacks_from->by_;
}

void unpacking_from::note(const object_hold& came) {
  if (unpacks_from != nullptr && (came->is_foreign() || came->lacks_inner()))
    unpacks_from->came_.push_back(came);
}

void unpacking_from::end() {
  const auto link = by_.link.lock();
  for (auto& body : std::exchange(came_, {})) {
    const bool is_kept = body.use_count() > 1;
    if (body->is_here() && body->is_foreign() && link) link->keep_spare(body);
    if (is_kept) have_here(body, by_);
  }
}

// The store.

open_store::open_store(objects::host_store opened, objects::store_options options,
                       unsigned made_after_forks)
    : store(std::move(opened)),
      how(std::move(options)),
      name(store->name()),
      forks(made_after_forks) {}

open_store::~open_store() {
  store.reset();
  // A child of fork has nothing of its own to remove.
  if (forks == forks_so_far())
    static_cast<void>(objects::host_store::remove(how, objects::removal::if_unused));
}

// One object.

object_body::object_body(object_address where, std::shared_ptr<open_store> store,
                         objects::handle held)
    : id(where.id),
      size(where.size),
      where_(where),
      store_(std::move(store)),
      held_(std::move(held)) {}

object_body::object_body(object_address where, object_way by)
    : id(where.id), size(where.size), where_(where), by_(std::move(by)), is_foreign_(true) {}

object_body::object_body(object_address where, failure lost)
    : id(where.id), size(where.size), where_(where), lost_(std::move(lost)) {}

object_body::~object_body() {
  object_house::here().forget(id);
  give_back_all(lenders_, id);
  std::vector<object_hold> last;
  for (auto& [id, each] : inner_) last.push_back(std::move(each));
  let_go(std::move(last));
}

void object_body::keep(object_hold inner) {
  const std::lock_guard held(mutex_);
  where_.is_outer = true;
  if (inner.get() == this) return;
  const auto id = inner->id;
  inner_.try_emplace(id, std::move(inner));
}

std::vector<object_hold> object_body::inner() const {
  const std::lock_guard held(mutex_);
  std::vector<object_hold> all;
  for (const auto& [id, each] : inner_) all.push_back(each);
  return all;
}

bool object_body::lacks_inner() const {
  const std::lock_guard held(mutex_);
  return where_.is_outer && inner_.empty();
}

void object_body::find_inner(const object_way& by) {
  const auto seen = map(without_limit);
  // NOLINTNEXTLINE(*-reinterpret-cast): bytes as characters
  const std::string_view from{reinterpret_cast<const char*>(seen.bytes.data()), seen.bytes.size()};
  for (const auto& each : addresses_in(from)) keep(object_house::here().take_up(each, by));
}

object_address object_body::where() const {
  const std::lock_guard held(mutex_);
  return where_;
}

bool object_body::is_here() const {
  const std::lock_guard held(mutex_);
  return held_.has_value();
}

bool object_body::is_foreign() const {
  const std::lock_guard held(mutex_);
  return is_foreign_;
}

std::vector<std::uint64_t> object_body::sources() const {
  const std::lock_guard held(mutex_);
  std::vector<std::uint64_t> all;
  if (where_.source != 0) all.push_back(where_.source);
  if (by_.from != 0 && by_.from != where_.source) all.push_back(by_.from);
  return all;
}

object_bytes object_body::map(std::chrono::nanoseconds at_most) {
  std::shared_ptr<open_store> store;
  {
    lock held(mutex_);
    if (!held_ && !lost_) wait(held, at_most);
    if (lost_) throw_failure(*lost_);
    store = store_;
  }
  // What is here stays here.
  auto seen = store->store->map(*held_);
  if (!seen) throw_store_fault(seen.error());
  auto keeps = std::make_shared<const seen_object>(seen_object{std::move(store), std::move(*seen)});
  return {keeps->seen.bytes(), keeps};
}

/// Until it is no longer away. Throws where it stays so.
void object_body::wait(lock& held, std::chrono::nanoseconds at_most) {
  auto* task = current_task();
  const auto stop = task == nullptr ? std::stop_token{} : task->stop_token();
  const auto round = rounds_;
  ask(held);
  const auto is_over = [&] { return held_ || lost_ || rounds_ != round || stop.stop_requested(); };
  held.unlock();
  {
    const lent_slot lent;
    const std::stop_callback wake(stop, [this] {
      const std::lock_guard waking(mutex_);
      settled_.notify_all();
    });
    held.lock();
    if (at_most.count() < 0)
      settled_.wait(held, is_over);
    else
      settled_.wait_for(held, at_most, is_over);
    held.unlock();  // a slot is waited for without a lock
  }
  held.lock();
  if (held_ || lost_) return;
  if (rounds_ != round && not_fetched_) throw_failure(*not_fetched_);
  if (stop.stop_requested())
    throw_failure({.kind = error_kind::cancelled,
                   .what = "the task was asked to stop while it waited for an object"});
  throw_failure({.kind = error_kind::wait_timed_out,
                 .what = "the object " + to_string(id) + " is still being fetched"});
}

void object_body::fetch(std::function<void()> then) {
  lock held(mutex_);
  if (held_ || lost_) {
    held.unlock();
    return then();
  }
  thens_.push_back(std::move(then));
  ask(held);
}

/// Has it fetched, unless that was said already.
void object_body::ask(lock& held) {
  if (held_ || lost_ || std::exchange(is_asked_, true)) return;
  const auto link = by_.link.lock();
  if (!link) {
    lost_ = without_way(id);
    return settle(held);
  }
  held.unlock();
  link->fetch(shared_from_this());
  held.lock();
}

void object_body::offer(const object_address& where, const object_way& by) {
  const std::lock_guard held(mutex_);
  const bool is_better = lost_ || (!held_ && by_.link.expired());
  if (!is_better || by.link.expired()) return;
  lost_.reset();
  is_asked_ = false;
  where_ = where;
  by_ = by;
}

void object_body::borrow(const object_way& by) {
  {
    const std::lock_guard held(mutex_);
    if (!held_) return lenders_.push_back(by);
  }
  give_back_all({by}, id);
}

void object_body::arrive(std::shared_ptr<open_store> store, objects::handle handle) {
  std::vector<object_way> lenders;
  lock held(mutex_);
  if (held_) return;
  where_.store = store->name;
  where_.stored_as = handle.id();
  where_.source = 0;
  store_ = std::move(store);
  held_ = std::move(handle);
  lost_.reset();
  lenders.swap(lenders_);
  settle(held);
  held.unlock();
  give_back_all(lenders, id);
}

void object_body::lose(failure why) {
  std::vector<object_way> lenders;
  lock held(mutex_);
  if (held_) return;
  lost_ = std::move(why);
  lenders.swap(lenders_);
  settle(held);
  held.unlock();
  give_back_all(lenders, id);
}

void object_body::fail_to_fetch(failure why) {
  lock held(mutex_);
  if (held_ || lost_) return;
  not_fetched_ = std::move(why);
  settle(held);
}

/// Whoever waits looks again.
void object_body::settle(lock& held) {
  is_asked_ = false;
  ++rounds_;
  settled_.notify_all();
  auto thens = std::exchange(thens_, {});
  held.unlock();
  for (auto& then : thens) then();
  held.lock();
}

}  // namespace fabric::detail
