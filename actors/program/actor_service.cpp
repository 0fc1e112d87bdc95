#include "actors/program/actor_service.hpp"

#include "actors/api/invoke.hpp"
#include "actors/program/call_runner.hpp"
#include "actors/program/invoking.hpp"
#include "actors/program/object_exchange.hpp"

namespace fabric::actors {

namespace {

namespace program = transport::program;

}  // namespace

/// A call that came as bytes.
class actor_service::remote_job final : public detail::actor_job {
 public:
  remote_job(actor_service& service, program_id from, std::uint64_t actor, std::uint32_t life,
             program::actor_call what)
      : service_(service), from_(from), what_(std::move(what)) {
    caller = from.value;
    number = what_.number;
    outcome_.actor = actor;
    outcome_.life = life;
    outcome_.number = number;
  }

  bool run(detail::task_context& context) override {
    auto made = invoke_with_objects(service_.where_.objects, from_, [&] {
      return detail::invoke(what_.method, what_.arguments, context);
    });
    using kind = program::actor_outcome::kind;
    outcome_.how = static_cast<std::uint8_t>(made.done.ok ? kind::value : kind::failed);
    outcome_.bytes = std::move(made.done.bytes);
    outcome_.objects = std::move(made.lent);
    return made.done.ok;
  }
  void answer(bool begun) override {
    if (!begun) outcome_.how = static_cast<std::uint8_t>(program::actor_outcome::kind::unbegun);
    service_.answer(from_, std::move(outcome_));
  }

 private:
  actor_service& service_;
  const program_id from_;
  const program::actor_call what_;
  program::actor_outcome outcome_;
};

actor_service::actor_service(surroundings where)
    : where_(std::move(where)),
      host_(*this, {.node = where_.node,
                    .session = where_.session,
                    .prepare = let_signals_in,
                    .from_owner = where_.objects ? where_.objects->way_from(where_.owner)
                                                 : detail::object_way{},
                    .fetches_arguments = where_.fetches_arguments}) {}

bool actor_service::take(program_id from, program::message& what) {
  return std::visit(
      [&](auto& m) {
        if constexpr (requires { this->on(from, m); }) {
          on(from, m);
          return true;
        }
        return false;
      },
      what);
}

void actor_service::on(program_id from, program::actor_make& what) {
  if (from != where_.owner) return;
  host_.make(roster::actor_id{what.actor}, what.life,
             {.ref = {where_.owner.value, what.actor, what.pending_max, std::move(what.label)},
              .class_name = std::move(what.class_name),
              .arguments = std::move(what.arguments),
              .has_state = what.has_state,
              .state = std::move(what.state),
              .concurrency = what.concurrency,
              .checkpoint_every = what.checkpoint_every,
              .ends_on_exception = what.ends_on_exception});
}

void actor_service::on(program_id from, program::actor_end& what) {
  if (from == where_.owner) host_.end(roster::actor_id{what.actor}, what.life, true);
}

void actor_service::on(program_id from, program::actor_kept& what) {
  if (from != where_.owner) return;
  std::function<void()> then;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = kept_.find(what.number);
    if (found == kept_.end()) return;
    then = std::move(found->second);
    kept_.erase(found);
  }
  then();
}

void actor_service::on(program_id from, program::actor_calls& what) {
  callers_.insert(from);
  for (auto& one : what.which)
    host_.push(roster::actor_id{what.actor}, what.life,
               std::make_unique<remote_job>(*this, from, what.actor, what.life, std::move(one)));
}

void actor_service::on(program_id from, program::actor_stop& what) {
  host_.stop(roster::actor_id{what.actor}, from.value, what.number);
}

// What is to be said.

void actor_service::tell(program_id whom, program::message what) {
  bool is_news = false;
  {
    const std::scoped_lock lock(mutex_);
    news_.emplace_back(whom, std::move(what));
    is_news = !std::exchange(is_told_, true);
  }
  if (is_news) where_.woken();
}

/// Outcomes in a row for one caller share a message.
void actor_service::answer(program_id whom, program::actor_outcome what) {
  {
    const std::scoped_lock lock(mutex_);
    if (!news_.empty() && news_.back().first == whom)
      if (auto* last = std::get_if<program::actor_outcomes>(&news_.back().second)) {
        last->which.push_back(std::move(what));
        return;
      }
  }
  program::actor_outcomes one{where_.owner, {}};
  one.which.push_back(std::move(what));
  tell(whom, std::move(one));
}

void actor_service::made(roster::actor_id id, roster::incarnation life) {
  tell(where_.owner, program::actor_made{id.value, life, true, {}});
}

void actor_service::not_made(roster::actor_id id, roster::incarnation life, failure why) {
  tell(where_.owner, program::actor_made{id.value, life, false, pack(why)});
}

void actor_service::ended(roster::actor_id id, roster::incarnation life,
                          roster::event::how_ended how, failure why) {
  tell(where_.owner,
       program::actor_ended{id.value, life, static_cast<std::uint8_t>(how),
                            how == roster::event::how_ended::failed ? pack(why) : std::string{}});
}

/// The owner is to have the objects themselves: what the next life reads may not depend on this
/// process.
void actor_service::saved(roster::actor_id id, roster::incarnation life, std::string state,
                          std::vector<detail::carried_hold> objects, std::function<void()> then) {
  for (auto& each : objects) each.use = detail::object_use::value;
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    number = ++checkpoints_;
    kept_[number] = std::move(then);
  }
  auto lent = where_.objects
                  ? where_.objects->lend(where_.owner, objects, object_exchange::inner::are_needed)
                  : std::vector<program::carried_object>{};
  tell(where_.owner,
       program::actor_saved{id.value, life, number, std::move(state), std::move(lent)});
}

std::vector<std::pair<program_id, program::message>> actor_service::fetch() {
  const std::scoped_lock lock(mutex_);
  is_told_ = false;
  return std::exchange(news_, {});
}

bool actor_service::is_idle() const {
  if (host_.size() > 0) return false;
  const std::scoped_lock lock(mutex_);
  return news_.empty() && kept_.empty();
}

}  // namespace fabric::actors
