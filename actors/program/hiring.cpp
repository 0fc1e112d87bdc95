#include "actors/program/hiring.hpp"

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/clock.hpp"
#include "scheduler/job.hpp"
#include "transport/codec.hpp"

namespace fabric::actors {

namespace {

/// How long one waits for a node that could run them, where none is known: it may just be starting.
constexpr duration doubt_patience = std::chrono::seconds{10};

std::string why_ended(const transport::task_finished& what, scheduler::task_state state) {
  auto report = transport::decode_task_report(what.report);
  std::string why = report ? report->detail : "its task was " + std::string{name_of(state)};
  if (!report || report->stderr_tail.empty()) return why;
  auto text = report->stderr_tail;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return why + " on node " + what.node_name +
         "; its last words: " + text.substr(text.rfind('\n') + 1);
}

worker_crew::way way_of(const transport::task_finished& what, scheduler::task_state state) {
  using enum worker_crew::way;
  if (state == scheduler::task_state::succeeded) return well;
  const auto report = transport::decode_task_report(what.report);
  const bool is_killed =
      report && report->signal == SIGKILL && report->code == name_of(fault_code::task_signalled);
  return is_killed ? killed : failed;
}

}  // namespace

void program_copy::open(program_link& link, own_program what) {
  link_ = &link;
  what_ = std::move(what);
}

void program_copy::ensure(std::function<void(result<void>)> then) {
  if (now_ == state::done) return then({});
  waiting_.push_back(std::move(then));
  if (std::exchange(now_, state::under_way) == state::under_way) return;
  upload_program(*link_, what_, [this](result<void> done) {
    now_ = done ? state::done : state::none;
    for (const auto& one : std::exchange(waiting_, {})) one(done);
  });
}

void hiring::open(program_link& link, program_copy& copy) {
  link_ = &link;
  copy_ = &copy;
}

void hiring::want(calls::pool_id pool, calls::pool_shape shape, std::uint32_t count) {
  shapes_[pool] = std::move(shape);
  crew_.want(pool, count);
}

instant hiring::turn(instant now) {
  give_up_doubtful(now);
  for (const auto& one : crew_.orders(now)) {
    if (const auto* more = std::get_if<worker_crew::submit>(&one))
      copy_->ensure([this, what = *more](const result<void>& done) {
        if (done) return submit(what);
        crew_.submitted(what.number, std::nullopt);
        how_.refused(what.pool, to_line(done.error()));
      });
    else
      cancel(std::get<worker_crew::cancel>(one).task);
  }
  instant next = crew_.next_wakeup();
  for (const auto& [pool, until] : doubts_) next = std::min(next, until);
  return next;
}

void hiring::submit(const worker_crew::submit& what) {
  const auto& shape = shapes_.at(what.pool);
  transport::submit job{
      .name = copy_->what().name,
      .key = how_.kind + "/" + to_string(how_.owner) + "/" + std::to_string(what.number),
      .payload = how_.command(),
      .needs = shape.needs,
      .priority = shape.priority,
      .poison_after = 1,
      .count = what.count,
      .is_array = true,
      .watch = true,
      .is_owned = true};
  link_->ask(std::move(job), [this, what](result<transport::message> answer) {
    answered(what, std::move(answer));
  });
}

void hiring::answered(const worker_crew::submit& what, result<transport::message> answer) {
  const auto* done = answer ? std::get_if<transport::submitted>(&*answer) : nullptr;
  crew_.submitted(what.number, done != nullptr ? std::optional{done->job} : std::nullopt);
  if (done != nullptr && !done->note.empty())
    doubts_.try_emplace(what.pool, now() + doubt_patience);
  if (done == nullptr)
    how_.refused(what.pool, answer ? "the head gave a strange answer" : to_line(answer.error()));
}

void hiring::give_up_doubtful(instant now) {
  for (auto at = doubts_.begin(); at != doubts_.end();) {
    if (at->second > now) {
      ++at;
      continue;
    }
    if (!crew_.has_workers(at->first)) {
      for (const task_id task : crew_.give_up(at->first)) cancel(task);
      how_.refused(at->first,
                   "for " + std::to_string(doubt_patience / std::chrono::seconds{1}) +
                       " s no node known could ever run it; fabricd status lists the nodes");
    }
    at = doubts_.erase(at);
  }
}

void hiring::opened() {
  // Watching is of a session; what became final meanwhile is told again.
  for (job_id job : crew_.jobs()) link_->ask(transport::watch{.job = job}, [](const auto&) {});
}

worker_crew::arrival hiring::came(attempt_id attempt, program_id process) {
  auto arrival = crew_.came(attempt, process);
  if (arrival.fresh) doubts_.erase(arrival.fresh->pool);
  return arrival;
}

worker_crew::ended hiring::finished(const transport::task_finished& what) {
  const auto state = static_cast<scheduler::task_state>(what.state);
  const auto ended = crew_.finished(what.task, way_of(what, state), now());
  if (ended.hopeless) how_.refused(*ended.hopeless, why_ended(what, state));
  return ended;
}

void hiring::cancel(task_id task) {
  link_->ask(transport::ask{.topic = "cancel",
                            .arguments = nlohmann::json{{"id", to_string(task)}}.dump()},
             [](const auto&) {});
}

}  // namespace fabric::actors
