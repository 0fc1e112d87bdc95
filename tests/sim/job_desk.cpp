#include "tests/sim/job_desk.hpp"

#include <vector>

#include "actors/convert.hpp"

namespace fabric::sim {

void job_desk::place(order what) {
  orders_.push_back({std::move(what), next_request(), std::nullopt, {}, false});
  submit(orders_.back());
}

void job_desk::submit(open_order& o) {
  auto m = convert::submit(*o.what.what);
  m.request = o.request;
  m.watch = true;
  link_.send(m);
}

void job_desk::watch(open_order& o) { link_.send(transport::watch{next_request(), *o.job}); }

void job_desk::opened() {
  for (auto& o : orders_) o.job ? watch(o) : submit(o);
}

/// Without a key nobody knows whether the order arrived: placing it again might make two of it.
void job_desk::closed() {
  orders_.remove_if([](const open_order& o) { return !o.job && o.what.what->key.empty(); });
}

void job_desk::remind() {
  const bool is_fifth = ++reminders_ % 5 == 0;
  for (auto& o : orders_) {
    if (!o.job && !o.what.what->key.empty()) submit(o);
    if (o.job && is_fifth) watch(o);
  }
}

void job_desk::hear(const transport::message& m) {
  if (const auto* one = std::get_if<transport::submitted>(&m)) hear_one(*one);
  if (const auto* one = std::get_if<transport::failed>(&m)) hear_one(*one);
  if (const auto* one = std::get_if<transport::task_finished>(&m)) hear_one(*one);
  if (const auto* one = std::get_if<transport::job_finished>(&m)) hear_one(*one);
}

void job_desk::hear_one(const transport::submitted& m) {
  for (auto& o : orders_) {
    if (o.request != m.request) continue;
    w_.judge.submission_acknowledged(o.what.what->key, o.what.what->payload, m.job, w_.store);
    if (o.job) return;
    o.job = m.job;
    if (o.what.accepted) o.what.accepted(m.job);
    return;
  }
}

void job_desk::hear_one(const transport::failed& m) {
  for (const auto& o : orders_)
    if (o.request == m.request) w_.judge.object("an order is refused: " + to_line(m.why));
}

void job_desk::hear_one(const transport::task_finished& m) {
  const auto state = convert::task_state(m.state);
  if (!state) return w_.judge.object("a client is told of no state");
  w_.judge.told_final(m.task, *state);
  std::vector<std::function<void(const transport::task_finished&)>> tell;
  for (auto& o : orders_)
    if (o.job == m.task.job && o.told.insert(m.task.index).second && o.what.ended)
      tell.push_back(o.what.ended);
  for (const auto& t : tell) t(m);
}

void job_desk::hear_one(const transport::job_finished& m) {
  // The ends of tasks may have been lost on the way: the order stays open until all are told, but
  // for a cancelled array, whose untouched tasks have no end of their own.
  const auto rows = w_.store.jobs().find(m.job);
  if (rows == w_.store.jobs().end() || !rows->second.is_done())
    return w_.judge.object("a client is told that job " + to_string(m.job) + " is done: it is not");
  if (rows->second.all_succeeded() != m.all_succeeded)
    return w_.judge.object("a client is told a wrong verdict of job " + to_string(m.job));
  orders_.remove_if([&](const open_order& o) {
    return o.job == m.job && o.told.size() >= rows->second.touched.size();
  });
}

}  // namespace fabric::sim
