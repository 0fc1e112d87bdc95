#include "actors/api/local_actors.hpp"

#include <algorithm>
#include <utility>

#include "actors/api/actor_desk.hpp"
#include "actors/api/local_fleet.hpp"

namespace fabric::detail {

namespace {

/// What a clock can add to the present.
constexpr std::chrono::nanoseconds longest_wait = std::chrono::hours{24 * 365 * 100};

/// A call whose arguments and result stay in memory.
class memory_job final : public actor_job {
 public:
  memory_job(actor_desk& owner, std::shared_ptr<seat> at, roster::incarnation life,
             std::uint64_t which, counted<state_base> call)
      : owner_(owner), at_(std::move(at)), life_(life), call_(std::move(call)) {
    number = which;
  }

  bool run(task_context& context) override {
    call_->run(context, false);
    if (!call_->attempt_failure) return true;
    call_->attempt_failure->node = context.node;
    return false;
  }
  void answer(bool begun) override {
    owner_.answered(at_, number, life_,
                    begun ? roster::line::answer::done : roster::line::answer::unbegun);
  }

 private:
  actor_desk& owner_;
  const std::shared_ptr<seat> at_;
  const roster::incarnation life_;
  const counted<state_base> call_;
};

}  // namespace

local_actors::local_actors(local_fleet& machine)
    : machine_(machine), host_(*this, {machine.node(), [this] { return &machine_.owner(); }}) {}

void local_actors::carry_out(std::span<const roster::command_type> commands) {
  for (const auto& c : commands) {
    if (const auto* more = std::get_if<roster::command::want>(&c)) want(*more);
    if (const auto* make = std::get_if<roster::command::make>(&c)) {
      {
        const std::lock_guard lock(mutex_);
        at_[make->actor] = make->host;
      }
      host_.make(make->actor, make->life, owner_->birth_of(make->actor));
    }
    if (const auto* end = std::get_if<roster::command::end>(&c))
      host_.end(end->actor, end->life, true);
    if (const auto* release = std::get_if<roster::command::release>(&c)) {
      const std::lock_guard lock(mutex_);
      leaving_.push_back(release->host);
    }
  }
}

void local_actors::want(const roster::command::want& what) {
  const std::lock_guard lock(mutex_);
  auto& has = has_[what.pool];
  for (; has < what.hosts; ++has) {
    if (what.pool == roster::pool_id{}) {
      const roster::host_id id{++hosts_made_};
      hosts_[id] = what.pool;
      news_.emplace_back(roster::event::host_ready{id, what.pool});
    } else {
      wishes_.push_back({what.pool, owner_->shape_of(what.pool).needs});
    }
  }
}

void local_actors::settle() {
  for (;;) {
    std::vector<wish> wishes;
    std::vector<roster::event_type> news;
    std::vector<roster::host_id> leaving;
    {
      const std::lock_guard lock(mutex_);
      wishes.swap(wishes_);
      news.swap(news_);
      leaving.swap(leaving_);
      for (const auto id : leaving) {
        --has_[hosts_[id]];
        hosts_.erase(id);
      }
    }
    if (wishes.empty() && news.empty() && leaving.empty()) return;
    for (const auto id : leaving) machine_.let_go(id.value);
    for (const auto& one : wishes) {
      if (!machine_.could_hold(one.needs)) {
        {
          const std::lock_guard lock(mutex_);
          --has_[one.pool];
        }
        owner_->happened(roster::event::pool_refused{one.pool});
        continue;
      }
      roster::host_id id;
      {
        const std::lock_guard lock(mutex_);
        id = {++hosts_made_};
        hosts_[id] = one.pool;
      }
      machine_.hold(id.value, one.needs, [this, id, pool = one.pool] {
        owner_->happened(roster::event::host_ready{id, pool});
      });
    }
    for (const auto& one : news) owner_->happened(one);
  }
}

void local_actors::send(const std::shared_ptr<seat>& to, roster::host_id, roster::incarnation life,
                        std::uint64_t number, counted<state_base> call) {
  host_.push(roster::actor_id{to->ref.actor}, life,
             std::make_unique<memory_job>(*owner_, to, life, number, std::move(call)));
}

void local_actors::stop(const std::shared_ptr<seat>& to, roster::host_id, roster::incarnation,
                        std::uint64_t number) {
  host_.stop(roster::actor_id{to->ref.actor}, 0, number);
}

result<actor_ref> local_actors::spawn_detached(actor_birth, const actor_options&) {
  return fault{fault_code::unsupported,
               "a detached actor outlives its program, which a session in this process cannot",
               "use a cluster, or lifetime::session"};
}

roster::host_id local_actors::host_of(roster::actor_id id) {
  const std::lock_guard lock(mutex_);
  const auto found = at_.find(id);
  return found == at_.end() ? roster::host_id{} : found->second;
}

/// Where it was: a life of it is over.
roster::host_id local_actors::leave(roster::actor_id id) {
  const std::lock_guard lock(mutex_);
  const auto found = at_.extract(id);
  return found.empty() ? roster::host_id{} : found.mapped();
}

void local_actors::made(roster::actor_id id, roster::incarnation life) {
  owner_->happened(roster::event::made{host_of(id), id, life});
}

void local_actors::not_made(roster::actor_id id, roster::incarnation life, failure why) {
  owner_->not_made(leave(id), id, life, std::move(why));
}

void local_actors::ended(roster::actor_id id, roster::incarnation life,
                         roster::event::how_ended how, failure why) {
  owner_->ended(leave(id), id, life, how, std::move(why));
}

void local_actors::saved(roster::actor_id id, roster::incarnation life, std::string state,
                         std::vector<carried_hold> objects, std::function<void()> then) {
  owner_->saved(id, life, {.state = std::move(state), .objects = std::move(objects)});
  then();
}

result<void> local_actors::claim(const std::string& name_space, const std::string& name,
                                 const actor_ref& which) {
  const std::lock_guard lock(names_mutex_);
  if (!names_.try_emplace({name_space, name}, which).second)
    return fault{fault_code::key_conflict, "another actor has the name " + name,
                 "find it, or choose another name"};
  named_.notify_all();
  return {};
}

result<actor_ref> local_actors::find(const std::string& name_space, const std::string& name,
                                     std::chrono::nanoseconds wait) {
  std::unique_lock lock(names_mutex_);
  const std::pair key{name_space, name};
  named_.wait_for(lock, std::min(wait, longest_wait),
                  [&] { return is_closed_ || names_.contains(key); });
  if (is_closed_) return fault{fault_code::cancelled, "the session has ended", ""};
  const auto found = names_.find(key);
  if (found == names_.end())
    return fault{fault_code::not_found, "no actor has the name " + name,
                 "is it spawned, in this namespace?"};
  return found->second;
}

void local_actors::release(const std::string& name_space, const std::string& name) {
  const std::lock_guard lock(names_mutex_);
  names_.erase({name_space, name});
}

std::string local_actors::why_infeasible(const demand& needs) const {
  return machine_.why_infeasible(needs);
}

void local_actors::tell_to_stop() {
  {
    const std::lock_guard lock(names_mutex_);
    is_closed_ = true;
    named_.notify_all();
  }
  host_.tell_to_stop();
}

void local_actors::close() { host_.close(); }

}  // namespace fabric::detail
