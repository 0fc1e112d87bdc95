#include "tests/sim/submitter.hpp"

#include "actors/convert.hpp"
#include "tests/sim/task_script.hpp"

namespace fabric::sim {

using namespace std::chrono_literals;

submitter::submitter(world& w, address where, std::uint64_t seed)
    : sim_process(w.time),
      w_(w),
      dice_(seed),
      link_(w, *this, where, seed + 1,
            {[this] {
               transport::hello m;
               m.software = "sim";
               m.worker_time = time_.now();
               return m;
             },
             [this](const transport::welcome&) { desk_.opened(); },
             [this](const transport::message& m) { hear(m); }, [this] { closed(); }}),
      desk_(w, link_) {
  for (std::size_t i = 0; i < w.how.jobs; ++i) plans_.push_back(make_plan(dice_, w.how, i));
  w_.net.listen(where, [this](const packet& p) { deliver([this, p] { link_.receive(p); }); });
}

submitter::plan submitter::make_plan(dice& d, const climate& how, std::size_t number) {
  plan p;
  p.at = d.between(duration{0}, how.trouble + how.lease);
  task_script script;
  script.shortest = 100ms;
  script.longest = d.chance(0.3) ? how.lease * 2 : how.lease / 2;
  script.fails_percent = d.chance(0.4) ? 30 : 0;
  script.crashes_percent = d.chance(0.3) ? 20 : 0;
  script.point = number;  // makes payloads differ
  p.what = std::make_shared<scheduler::job>();
  auto& job = *p.what;
  job.name = "job" + std::to_string(number);
  if (d.chance(0.8)) job.key = "key" + std::to_string(number);
  job.payload = payload_of(script);
  job.needs.amounts = resource_set{{"cpu", units(d.between(1, 2))}};
  if (d.chance(0.3)) job.needs.amounts.set(gpu, d.chance(0.5) ? milli{500} : units(1));
  job.priority = static_cast<int>(d.below(3));
  job.retry.retries_max = static_cast<std::uint32_t>(d.below(3));
  job.retry.backoff = {500ms, 4s};
  job.count = d.chance(0.4) ? static_cast<std::uint32_t>(d.between(2, 5)) : 1;
  job.is_array = job.count > 1;
  if (d.chance(0.1)) job.time_limit = how.lease / 3;
  if (d.chance(0.1)) job.expires_after = d.between(duration{5s}, 60s);
  if (number > 0 && d.chance(0.2)) p.after = d.below(number);
  if (d.chance(0.25)) p.cancel_at = p.at + d.between(duration{0}, how.lease * 2);
  p.probe_conflict = d.chance(0.3);
  return p;
}

/// Without a key nobody knows whether an unanswered order arrived: it is not placed again, and what
/// was to come after it goes on without it.
void submitter::closed() {
  desk_.closed();
  for (auto& p : plans_)
    if (p.is_placed && p.what->key.empty() && !p.accepted) p.is_given_up = true;
}

void submitter::start() {
  begin_life();
  for (auto& p : plans_) {
    if (p.is_placed && p.what->key.empty() && !p.accepted) p.is_given_up = true;
    if (p.is_placed && !p.what->key.empty()) place(p);
  }
  link_.connect();
  after(1s, [this] { work(); });
}

void submitter::crash(duration down) {
  if (!is_alive()) return;
  w_.log.say("client", "dies");
  end_life();
  link_.forget();
  desk_.forget();
  cancels_.clear();
  probes_.clear();
  w_.net.process_ended(1000);
  time_.after(down, [this, plan = ++start_plan_] {
    if (plan == start_plan_) start();
  });
}

void submitter::heal() {
  if (is_alive()) return resume_now();
  ++start_plan_;
  start();
}

void submitter::work() {
  const duration now = time_.now().time_since_epoch();
  desk_.remind();
  for (auto& p : plans_) {
    const bool may_go = !p.after || plans_[*p.after].accepted || plans_[*p.after].is_given_up;
    if (!p.is_placed && p.at <= now && link_.is_open() && may_go) place(p);
    if (p.cancel_at && *p.cancel_at <= now && p.accepted && !p.cancel_answered) cancel(p);
    if (p.probe_conflict && p.accepted && !p.what->key.empty() && dice_.chance(0.05)) probe(p);
  }
  after(1s, [this] { work(); });
}

void submitter::place(plan& p) {
  if (!p.is_placed && p.after && plans_[*p.after].accepted)
    p.what->after = {*plans_[*p.after].accepted};
  p.is_placed = true;
  desk_.place({p.what, [&p](job_id id) { p.accepted = id; }, nullptr});
}

void submitter::cancel(plan& p) {
  const auto request = desk_.next_request();
  cancels_[request] = *p.accepted;
  link_.send(transport::ask{request, "cancel", to_string(*p.accepted)});
}

/// The same key for other work must be refused.
void submitter::probe(const plan& p) {
  auto m = convert::submit(*p.what);
  m.request = desk_.next_request();
  m.payload += ' ';
  probes_[m.request] = p.what->key;
  link_.send(m);
}

void submitter::hear(const transport::message& m) {
  if (const auto* answer = std::get_if<transport::answer>(&m)) {
    const auto found = cancels_.find(answer->request);
    if (found == cancels_.end()) return;
    w_.judge.cancel_acknowledged(found->second);
    for (auto& p : plans_)
      if (p.accepted == found->second) p.cancel_answered = true;
    return;
  }
  if (const auto* failed = std::get_if<transport::failed>(&m)) {
    if (const auto found = cancels_.find(failed->request); found != cancels_.end()) {
      for (auto& p : plans_)
        if (p.accepted == found->second) p.cancel_answered = true;
      if (failed->why.code != fault_code::not_found)
        w_.judge.object("a cancel is refused: " + to_line(failed->why));
      return;
    }
    if (probes_.contains(failed->request)) {
      if (failed->why.code != fault_code::key_conflict)
        w_.judge.object("a repeated key is refused with " + to_line(failed->why));
      return;
    }
  }
  if (const auto* submitted = std::get_if<transport::submitted>(&m))
    if (const auto found = probes_.find(submitted->request); found != probes_.end())
      return w_.judge.object("key " + found->second + " is accepted for other work");
  desk_.hear(m);
}

bool submitter::is_done() const {
  for (const auto& p : plans_)
    if (!p.is_given_up && !p.accepted && !p.what->key.empty()) return false;
  return desk_.is_empty();
}

}  // namespace fabric::sim
