#include "scheduler/job_table.hpp"

#include <algorithm>

#include "resources/check.hpp"

namespace fabric::scheduler {

job_entry::job_entry(job_id number, stored_job kept, class_number demands, instant now)
    : id(number), what(std::move(kept)), needs(demands), submitted(now), fresh(count()) {}

std::size_t job_entry::waiting() const {
  return fresh + (progress ? progress->touched.size() - progress->held : 0);
}

instant job_entry::unserved_since() const {
  return progress ? std::max(submitted, progress->served) : submitted;
}

task_state job_entry::state_of(std::uint32_t index) const {
  if (const auto* task = touched(index)) return task->state;
  if (progress && !progress->finals.empty()) {
    const task_state how = progress->finals[index - first()];
    if (is_final(how)) return how;
  }
  // The tasks that a cancelled job had never begun are not marked one by one.
  if (is_cancelled) return task_state::cancelled;
  return is_blocked ? task_state::blocked : task_state::queued;
}

const touched_task* job_entry::touched(std::uint32_t index) const {
  if (!progress) return nullptr;
  const auto found = progress->touched.find(index);
  return found == progress->touched.end() ? nullptr : &found->second;
}

touched_task* job_entry::touched(std::uint32_t index) {
  if (!progress) return nullptr;
  const auto found = progress->touched.find(index);
  return found == progress->touched.end() ? nullptr : &found->second;
}

bool job_entry::is_fresh(std::uint32_t index) const {
  return touched(index) == nullptr && !is_final(state_of(index));
}

job_progress& job_entry::progressed() {
  if (!progress) progress = std::make_unique<job_progress>();
  return *progress;
}

std::optional<std::uint32_t> job_entry::next_queued() {
  if (progress && !progress->ready.empty()) return *progress->ready.begin();
  return next_untouched();
}

std::optional<std::uint32_t> job_entry::next_untouched() {
  if (fresh == 0) return std::nullopt;
  skip_to_fresh();
  return first() + next_fresh;
}

void job_entry::skip_to_fresh() {
  while (!is_fresh(first() + next_fresh)) ++next_fresh;
}

touched_task& job_entry::touch(std::uint32_t index) {
  FABRIC_CHECK(has_index(index) && is_fresh(index));
  --fresh;
  progressed().ready.insert(index);
  auto& task = progress->touched[index];
  if (index - first() == next_fresh) ++next_fresh;
  return task;
}

void job_entry::settle(std::uint32_t index, task_state how) {
  FABRIC_CHECK(has_index(index) && is_final(how) && !is_final(state_of(index)));
  auto& p = progressed();
  if (const auto* task = touched(index)) {
    if (task->state == task_state::granted || task->state == task_state::running) --p.held;
    p.ready.erase(index);
    p.touched.erase(index);
  } else {
    --fresh;
  }
  if (p.finals.empty()) p.finals.assign(count(), task_state::queued);
  p.finals[index - first()] = how;
  if (how == task_state::succeeded)
    ++p.succeeded;
  else if (how == task_state::cancelled)
    ++p.cancelled;
  else
    ++p.failed;
}

job_entry* job_table::find(job_id id) {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

const job_entry* job_table::find(job_id id) const {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

job_entry& job_table::add(job_id id, const std::shared_ptr<const job>& what, class_number needs,
                          instant now) {
  const auto [at, is_new] = jobs_.try_emplace(id, id, stored_job(what, shapes_), needs, now);
  FABRIC_CHECK(is_new);
  text_bytes_ += at->second.what.text_bytes();
  return at->second;
}

void job_table::erase(job_id id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  text_bytes_ -= found->second.what.text_bytes();
  jobs_.erase(found);
}

}  // namespace fabric::scheduler
