#include "fabric/actor.hpp"

#include <array>
#include <mutex>

#include "actors/api/actor_desk.hpp"
#include "actors/api/terms.hpp"
#include "fabric/session.hpp"

namespace fabric {

std::string_view name_of(gone_reason reason) {
  // In the order of the enumeration, from 1.
  static constexpr std::array<std::string_view, 8> names = {
      "killed",    "stopped",       "failed",     "not_made",
      "host_lost", "restart_limit", "infeasible", "closed"};
  const auto at = static_cast<std::size_t>(reason) - 1;
  return at < names.size() ? names[at] : "unknown";
}

actor_view this_actor() {
  auto* task = detail::current_task();
  auto* scope = task == nullptr ? nullptr : task->actor();
  if (scope == nullptr) detail::throw_usage("this_actor is called outside of an actor");
  return actor_view{*scope};
}

actor_group session::make_group(supervision how, restart_rules restarts) {
  return actor_group{desk()->actors().make_group(how, restarts)};
}

namespace detail {

/// Came from elsewhere; tied to a session when it is used.
struct handle::untied {
  explicit untied(actor_ref which) : ref(std::move(which)) {}
  const actor_ref ref;
  std::mutex mutex;
  std::shared_ptr<seat> at;
};

namespace {

[[noreturn]] void throw_none() { throw_usage("an actor is used that is none"); }

}  // namespace

handle::handle(std::shared_ptr<seat> at) : at_(std::move(at)) {}

handle::handle(actor_ref came) {
  auto* task = current_task();
  auto* desk = unpacking_for::now();
  if (desk != nullptr && task == nullptr)
    at_ = desk->actors().seat_of(came);
  else
    inner_ = std::make_shared<untied>(std::move(came));
}

const std::shared_ptr<seat>& handle::at() const {
  if (at_) return at_;
  if (!inner_) throw_none();
  const std::lock_guard lock(inner_->mutex);
  if (!inner_->at) {
    auto* task = current_task();
    if (task == nullptr)
      throw_usage("an actor that came with a value is used for the first time outside of a task");
    inner_->at = task->session()->actors().seat_of(inner_->ref);
  }
  return inner_->at;
}

actor_ref handle::ref() const {
  if (!valid()) throw_none();
  return at_ ? at_->ref : inner_->ref;
}

std::shared_ptr<seat> spawn_actor(desk& owner, const actor_options& how, const class_entry& of,
                                  counted<state_base> arguments) {
  return owner.actors().spawn(how, of, std::move(arguments));
}

std::shared_ptr<seat> find_actor(desk& in, std::string_view name, std::string_view name_space,
                                 std::chrono::nanoseconds wait) {
  return in.actors().find(name, name_space, wait);
}

const desk_ref& desk_of(const seat& at) { return at.owner; }

void enter_line(const std::shared_ptr<seat>& at, const actor_call_options& how,
                counted<state_base> call) {
  at->owner->actors().call(at, how, std::move(call));
}

void withdraw_call(const line_place& where, state_base& call) {
  where.at->owner->actors().withdraw(
      *where.at, where.number, call,
      {.kind = error_kind::cancelled,
       .what = "it was cancelled; if it had begun, it was told to stop"});
}

void kill_actor(const std::shared_ptr<seat>& at) { at->owner->actors().kill(at); }

actor_status status_of_actor(const std::shared_ptr<seat>& at) {
  return at->owner->actors().status_of(at);
}

std::uint32_t life_of_actor(const std::shared_ptr<seat>& at) {
  return at->owner->actors().life_of(at);
}

void monitor_actor(const std::shared_ptr<seat>& at, gone_callback then) {
  at->owner->actors().monitor(at, std::move(then));
}

}  // namespace detail
}  // namespace fabric
