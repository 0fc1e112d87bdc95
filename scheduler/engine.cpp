#include "scheduler/engine.hpp"

#include <algorithm>

#include "scheduler/flows.hpp"
#include "scheduler/invariant.hpp"
#include "scheduler/transitions.hpp"
#include "scheduler/views.hpp"

namespace fabric::scheduler {

struct engine::book {
  explicit book(settings how) : now(std::move(how)) {}
  state now;
};

namespace {

void on(state&, const event::ticked&) {}

void tell_node_changes(state& s) {
  for (node_id id : std::exchange(s.changed_nodes, {})) {
    auto& n = *s.nodes.find(id);
    if (n.is_draining && n.held.empty()) n.hand_back_at = never;
    refresh(s, n);
    if (n.told == n.state()) continue;
    n.told = n.state();
    s.out.say(command::node_changed{id, n.told});
  }
}

void refresh_changed(state& s) {
  for (node_id id : s.changed_nodes) refresh(s, *s.nodes.find(id));
}

}  // namespace

engine::engine(settings how) : book_(std::make_unique<book>(std::move(how))) {}
engine::~engine() = default;
engine::engine(engine&&) noexcept = default;
engine& engine::operator=(engine&&) noexcept = default;

engine engine::restore(settings how, snapshot from, instant now) {
  engine made(std::move(how));
  made.book_->now.clock = now;
  restore_into(made.book_->now, std::move(from));
  return made;
}

std::vector<command_type> engine::step(const event_type& what, instant now) {
  state& s = book_->now;
  s.clock = std::max(s.clock, now);
  std::visit([&s](const auto& e) { on(s, e); }, what);
  do_what_is_due(s);
  conclude_jobs(s);
  refresh_changed(s);
  place_all(s);
  watch_pressure(s);
  tell_node_changes(s);
  return s.out.take();
}

instant engine::next_wakeup() const { return scheduler::next_wakeup(book_->now); }

std::vector<node_view> engine::nodes() const {
  std::vector<node_view> list;
  for (const auto& [id, n] : book_->now.nodes.all()) list.push_back(view_of(n));
  return list;
}

std::optional<node_view> engine::node(node_id id) const {
  const auto* n = book_->now.nodes.find(id);
  if (n == nullptr) return std::nullopt;
  return view_of(*n);
}

std::vector<job_view> engine::jobs(std::size_t limit) const {
  std::vector<job_view> list;
  const auto& all = book_->now.jobs.all();
  for (auto at = all.rbegin(); at != all.rend() && list.size() < limit; ++at)
    list.push_back(view_of(at->second));
  return list;
}

std::optional<job_view> engine::job_of(job_id id) const {
  const auto* j = book_->now.jobs.find(id);
  if (j == nullptr) return std::nullopt;
  return view_of(*j);
}

std::optional<task_view> engine::task(task_id id) const {
  const auto* j = book_->now.jobs.find(id.job);
  if (j == nullptr || !j->has_index(id.index)) return std::nullopt;
  return view_of(book_->now, *j, id.index);
}

std::vector<task_view> engine::open_tasks(job_id id, std::optional<task_state> only,
                                          std::size_t limit) const {
  std::vector<task_view> list;
  const auto* j = book_->now.jobs.find(id);
  if (j == nullptr) return list;
  const auto is_wanted = [&](task_state state) { return !only || state == *only; };
  if (j->progress)
    for (const auto& [index, task] : j->progress->touched)
      if (is_wanted(task.state) && list.size() < limit)
        list.push_back(view_of(book_->now, *j, index));
  if (j->fresh == 0 || !is_wanted(j->is_blocked ? task_state::blocked : task_state::queued))
    return list;
  std::size_t left = j->fresh;
  for (std::uint32_t index = j->first() + j->next_fresh; left > 0 && list.size() < limit; ++index) {
    if (!j->is_fresh(index)) continue;
    --left;
    list.push_back(view_of(book_->now, *j, index));
  }
  return list;
}

std::optional<bool> engine::finished(job_id id) const { return book_->now.finished.verdict(id); }

std::vector<program_id> engine::owners() const { return book_->now.owned.owners(); }

result<explanation> engine::explain(task_id id, instant now) const {
  return explain_task(book_->now, id, now);
}

counters engine::count() const { return book_->now.count; }

const settings& engine::how() const { return book_->now.how; }

std::string engine::broken_invariant() const { return scheduler::broken_invariant(book_->now); }

}  // namespace fabric::scheduler
