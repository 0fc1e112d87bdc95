#include "tests/sim/tuner_client.hpp"

#include "resources/check.hpp"
#include "scheduler/tuner/samplers/sampler.hpp"
#include "tests/sim/task_script.hpp"

namespace fabric::sim {

using namespace std::chrono_literals;
using tuner::trial_state;

namespace {

tuner::study_settings settings_of(const climate& c, dice& d) {
  tuner::study_settings how;
  how.name = "study";
  const auto half = c.points / 2;
  const std::vector<std::string> plain = {"x=int(0," + std::to_string(half - 1) + ")",
                                          "y=choice(a,b)"};
  // As many points: one, and those of the branch b.
  const std::vector<std::string> conditional = {
      "y=choice(a,b)", "x=int(1," + std::to_string(c.points - 2) + ") if y=b",
      "z=choice(c,d) if x=1"};
  std::vector<tuner::parameter> over;
  for (const auto& text : d.chance(0.5) ? plain : conditional) {
    auto p = tuner::parse_parameter(text);
    FABRIC_CHECK(p.has_value());
    over.push_back(*p);
  }
  auto space = tuner::space::make(over);
  FABRIC_CHECK(space.has_value());
  FABRIC_CHECK(space->size() == c.points);
  how.over = *space;
  const auto names = tuner::samplers();
  how.sampler = names[static_cast<std::size_t>(d.below(names.size()))];
  how.parallel = static_cast<std::uint32_t>(d.between(1, 5));
  how.attempts_max = 1000;
  how.seed = d.next();
  return how;
}

}  // namespace

tuner_client::tuner_client(world& w, address where, std::uint64_t seed)
    : sim_process(w.time),
      w_(w),
      where_(where),
      dice_(seed),
      how_(settings_of(w.how, dice_)),
      link_(w, *this, where, seed + 1,
            {[this] {
               transport::hello m;
               m.software = "sim";
               m.worker_time = time_.now();
               return m;
             },
             [this](const transport::welcome&) { desk_.opened(); },
             [this](const transport::message& m) { desk_.hear(m); }, [this] { desk_.closed(); }}),
      desk_(w, link_) {
  w_.net.listen(where, [this](const packet& p) { deliver([this, p] { link_.receive(p); }); });
}

std::int64_t tuner_client::wall_ms() const {
  return time_.now().time_since_epoch() / 1ms + 1'700'000'000'000;
}

void tuner_client::start() {
  begin_life();
  link_.connect();
  std::vector<tuner::trial> rows;
  for (const auto& [number, row] : rows_) rows.push_back(row);
  auto made = tuner::study::resume(how_, rows);
  if (!made) return w_.judge.object("the study does not resume: " + made.error().detail);
  study_.emplace(std::move(*made));
  for (const auto& row : rows)
    if (row.state == trial_state::running && dice_.chance(0.5))
      evaluate(row.number, row.attempt, how_.over.rank_of(row.where));
  after(1s, [this] { work(); });
  feed(tuner::study_event::asked{});
}

void tuner_client::crash(duration down) {
  if (!is_alive()) return;
  w_.log.say("tuner", "dies");
  end_life();
  link_.forget();
  desk_.forget();
  study_.reset();
  w_.net.process_ended(where_);
  time_.after(down, [this, plan = ++start_plan_] {
    if (plan == start_plan_) start();
  });
}

void tuner_client::heal() {
  is_calm_ = true;
  if (is_alive()) return resume_now();
  ++start_plan_;
  start();
}

void tuner_client::work() {
  desk_.remind();
  after(1s, [this] { work(); });
}

void tuner_client::feed(const tuner::study_event_type& what) {
  const auto commands = study_->step(what, wall_ms());
  w_.judge.demand_whole("study", study_->broken_invariant());
  const bool dies_before = !is_calm_ && dice_.chance(0.005);
  const bool dies_after = !is_calm_ && dice_.chance(0.005);
  if (dies_before) return crash(dice_.between(duration{100ms}, 5s));
  for (const auto& c : commands)
    if (const auto* p = std::get_if<tuner::study_command::persist>(&c)) store(*p);
  if (dies_after) return crash(dice_.between(duration{100ms}, 5s));
  for (const auto& c : commands)
    if (is_alive()) carry_out(c);
}

void tuner_client::store(const tuner::study_command::persist& c) {
  const auto& row = c.row;
  const std::string who = "trial " + std::to_string(row.number);
  const auto found = rows_.find(row.number);
  if (c.is_new != (found == rows_.end())) w_.judge.object(who + " is new and known at once");
  if (found != rows_.end()) {
    if (found->second.state == trial_state::complete)
      w_.judge.object(who + " changes after its end");
    if (found->second.key != row.key) w_.judge.object(who + " moves to another point");
    if (row.attempt < found->second.attempt) w_.judge.object(who + " goes back to an old attempt");
  }
  rows_[row.number] = row;
  if (row.state == trial_state::fail)
    w_.judge.object(who + " is recorded FAIL: no task of it failed");
  if (row.state == trial_state::complete)
    w_.judge.trial_complete(how_.over.rank_of(row.where), row.number, row.attempt,
                            row.value().value_or(-1));
}

void tuner_client::carry_out(const tuner::study_command_type& c) {
  if (const auto* e = std::get_if<tuner::study_command::evaluate>(&c))
    evaluate(e->number, e->attempt, how_.over.rank_of(e->where));
  if (std::holds_alternative<tuner::study_command::refused>(c)) ++late_tells_;
  if (std::holds_alternative<tuner::study_command::finished>(c))
    after(0s, [this] { feed(tuner::study_event::asked{}); });
  if (const auto* d = std::get_if<tuner::study_command::done>(&c)) {
    is_done_ = true;
    if (d->because != tuner::study_command::done::reason::exhausted)
      w_.judge.object("the finite study ends before it is exhausted");
  }
}

void tuner_client::evaluate(tuner::trial_number number, std::uint32_t attempt,
                            std::uint64_t point) {
  auto job = std::make_shared<scheduler::job>();
  job->name = "trial" + std::to_string(number);
  job->key = oracle::trial_key(number, attempt);
  job->study = "study";
  job->payload = payload_of({100ms, w_.how.lease, 0, 0, true, point});
  job->needs.amounts = resource_set{{"cpu", units(1)}};
  desk_.place({job, nullptr, [this, number, attempt](const transport::task_finished& m) {
                 after(0s, [this, number, attempt, m] { ended(number, attempt, m); });
               }});
}

void tuner_client::ended(tuner::trial_number number, std::uint32_t attempt,
                         const transport::task_finished& m) {
  if (m.state != static_cast<std::uint8_t>(scheduler::task_state::succeeded))
    return feed(tuner::study_event::vanished{number, attempt});
  tuner::study_event::told told;
  told.number = number;
  told.attempt = attempt;
  told.values = {value_in(m.report)};
  told.complete_ms = wall_ms();
  feed(told);
}

}  // namespace fabric::sim
