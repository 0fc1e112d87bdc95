#include <algorithm>

#include "actors/api/desk.hpp"

namespace fabric::detail {

namespace {

std::string_view name_of(const state_base& call) {
  const auto* entry = call.function();
  return entry == nullptr ? std::string_view{} : entry->name;
}

/// What the call needs, and what it only comes after.
void all_dependencies(const state_base& call, const call_terms& terms,
                      std::vector<state_base*>& on) {
  on.clear();
  call.dependencies(on);
  for (const auto& f : terms.after) {
    if (f.state() == nullptr) throw_invalid_future();
    on.push_back(f.state());
  }
}

}  // namespace

std::shared_ptr<const call_terms> desk::terms_for(const call_options& how, const state_base& call) {
  const auto name = name_of(call);
  if (!is_default(how)) return std::make_shared<const call_terms>(checked_terms(how, name));
  // The last one is most often the next one, too.
  const std::lock_guard lock(mutex_);
  if (usual_->name != name) {
    auto other = *usual_;
    other.name = name;
    usual_ = std::make_shared<const call_terms>(std::move(other));
  }
  return usual_;
}

void desk::submit(const call_options& how, state_base** calls, std::size_t n) {
  if (n == 0) return;
  check_use(*this);
  if (!how.key.empty()) throw_usage("a key names one call; it cannot stand for a batch");
  const auto terms = terms_for(how, *calls[0]);
  for (std::size_t i = 0; i < n; ++i) calls[i]->terms = terms;
  submit_checked(calls, n);
}

counted<state_base> desk::submit_keyed(const call_options& how, counted<state_base> call) {
  check_use(*this);
  std::vector<state_base*> on;
  call->dependencies(on);
  if (!on.empty()) throw_usage("a call with a key takes values, not futures");
  call->terms = terms_for(how, *call);
  writer arguments;
  call->pack_arguments(arguments);
  const auto content = calls::hash_of(name_of(*call), arguments.view());
  {
    const std::lock_guard lock(mutex_);
    const auto id = announce(*call);
    const auto answer = keys_.claim(how.key, content, id);
    if (std::holds_alternative<calls::key_index::is_new>(answer)) {
      keys_of_.emplace(id.value, how.key);
      keyed_.insert_or_assign(how.key, call);
    } else {
      done_list done;  // nobody has seen this one
      step(calls::event::cancel_requested{id, false}, done);
      const auto& earlier = keyed_[how.key];
      if (std::holds_alternative<calls::key_index::joins>(answer) &&
          earlier->result_type() == call->result_type())
        return earlier;
      throw_failure({.kind = error_kind::key_conflict,
                     .what = "the key " + how.key +
                             " was used before with another function or other arguments",
                     .function = call->terms->name});
    }
  }
  auto* one = call.get();
  submit_checked(&one, 1);
  return call;
}

/// Under the lock.
calls::call_id desk::announce(state_base& call) {
  const auto id = book_.announce();
  const auto place = calls::place_of(id);
  if (place >= bodies_.size()) bodies_.resize(std::max<std::size_t>(place + 1, bodies_.size() * 2));
  bodies_[place] = counted<state_base>::sharing(&call);
  call.call = id.value;
  return id;
}

/// Calls that need something that is no call of this desk are submitted when that is there.
void desk::submit_checked(state_base** calls, std::size_t n) {
  const bool is_nested = current_task() != nullptr;
  std::vector<state_base*> on;
  std::vector<state_base*> outside;
  for (std::size_t i = 0; i < n; ++i) {
    all_dependencies(*calls[i], *calls[i]->terms, on);
    for (auto* d : on)
      if (d->now() == phase::pending && (d->call == 0 || d->owner().get() != this))
        outside.push_back(d);
  }
  if (outside.empty()) return enter(calls, n, is_nested);
  struct late {
    std::atomic<std::size_t> missing;
    std::vector<counted<state_base>> calls;
  };
  auto later = std::make_shared<late>();
  later->missing = outside.size();
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < n; ++i) {
      later->calls.push_back(counted<state_base>::sharing(calls[i]));
      if (calls[i]->call == 0) announce(*calls[i]);
    }
  }
  for (auto* d : outside)
    d->on_done(make_callback([own = desk_ref{this}, later, is_nested] {
      if (later->missing.fetch_sub(1) != 1) return;
      std::vector<state_base*> all;
      for (const auto& c : later->calls) all.push_back(c.get());
      own->enter(all.data(), all.size(), is_nested);
    }));
}

/// Into the book.
void desk::enter(state_base** calls, std::size_t n, bool is_nested) {
  const auto& terms = *calls[0]->terms;
  calls::event::submitted what;
  what.rules = terms.rules;
  what.first = is_nested;
  what.calls.reserve(n);
  std::vector<state_base*> on;
  done_list done;
  {
    const std::lock_guard lock(mutex_);
    what.pool = book_.pool_of(terms.shape);
    for (std::size_t i = 0; i < n; ++i) {
      auto& call = *calls[i];
      calls::event::new_call added{call.call != 0 ? calls::call_id{call.call} : announce(call)};
      all_dependencies(call, terms, on);
      for (auto* d : on) {
        if (d->now() == phase::failed) added.is_hopeless = true;
        if (d->now() != phase::pending || d->owner().get() != this || d->call == 0) continue;
        what.after.push_back(calls::call_id{d->call});
        ++added.after;
      }
      if (fleet_->is_remote()) {
        data_site reads;
        call.note_arguments(reads);
        added.reads = fleet_->place_of(reads);
      }
      what.calls.push_back(added);
    }
    step(what, done);
  }
  settle(done);
}

void submit_calls(desk& to, const call_options& how, state_base** calls, std::size_t n) {
  to.submit(how, calls, n);
}

counted<state_base> submit_call(desk& to, const call_options& how, counted<state_base> call) {
  return to.submit_keyed(how, std::move(call));
}

void check_use(const desk& of) {
  if (!of.is_of_this_process()) throw_usage("a session is used in a child of fork");
}

void throw_uneven_ranges() { throw_usage("map is given ranges of different lengths"); }

}  // namespace fabric::detail
