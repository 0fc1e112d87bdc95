#include <algorithm>
#include <limits>

#include "scheduler/flows.hpp"
#include "scheduler/mutant.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

constexpr std::size_t dependencies_max = 1'000;

fault misuse(std::string detail, std::string hint) {
  return {fault_code::usage, std::move(detail), std::move(hint)};
}

result<void> check_array(const job& what) {
  if (what.count < 1 || what.count > array_tasks_max)
    return misuse("a job has " + std::to_string(what.count) + " tasks",
                  "submit 1 to " + std::to_string(array_tasks_max) + " tasks in one job");
  if (!what.is_array && (what.count != 1 || what.first_index != 0))
    return misuse("a job that is no array has more than the task 0", "submit it as an array");
  if (what.count - 1 > std::numeric_limits<std::uint32_t>::max() - what.first_index)
    return misuse("the array's last index is over 4294967295", "use lower indexes");
  return {};
}

result<void> check_times(const job& what) {
  const auto& wait = what.retry.backoff;
  if (what.time_limit < duration{0} || what.expires_after < duration{0})
    return misuse("a time limit is negative", "use 0 for no limit");
  if (wait.first <= duration{0} || wait.longest < wait.first)
    return misuse("the wait between retries is not positive or longer than its limit",
                  "use a first wait above 0 and at most the longest");
  return {};
}

}  // namespace

result<void> check_job(const job& what) {
  if (auto array = check_array(what); !array) return array;
  if (auto times = check_times(what); !times) return times;
  if (what.priority > priority_limit || what.priority < -priority_limit)
    return misuse(
        "priority " + std::to_string(what.priority) + " is out of range",
        "use -" + std::to_string(priority_limit) + " to " + std::to_string(priority_limit));
  if (what.retry.retries_max > retries_max)
    return misuse("more than " + std::to_string(retries_max) + " retries are asked for",
                  "ask for fewer");
  if (what.retry.poison_after < 1)
    return misuse("a task would be poisoned after 0 crashes", "use 1 or more");
  if (what.after.size() > dependencies_max)
    return misuse("the job waits for " + std::to_string(what.after.size()) + " jobs",
                  "wait for at most " + std::to_string(dependencies_max) +
                      "; chain through a job in between");
  for (const auto& [name, amount] : what.needs.amounts)
    if (amount.value < 0)
      return misuse("the amount of " + name + " is negative", "ask for 0 or more");
  return check_demand(what.needs);
}

namespace {

/// Where the key was used before: the answer to that; else nothing.
bool is_answered_by_key(state& s, const event::job_submitted& e) {
  if (e.what->key.empty() || mutant::is_on("key_ignored")) return false;
  const auto* used = s.keys.find(e.what->key);
  if (used == nullptr) return false;
  if (used->content == content_hash(*e.what))
    s.out.say(command::job_accepted{e.from, used->job, true});
  else
    s.out.say(command::request_refused{
        e.from,
        {fault_code::key_conflict,
         "the key was used for job " + to_string(used->job) + ", whose content is different",
         "use another key, or submit exactly the same job"}});
  return true;
}

struct dependency_check {
  std::vector<job_id> open;        // live
  std::optional<job_id> unknown;   // neither live nor on record
  std::optional<job_id> hopeless;  // final, but not succeeded
};

dependency_check look_at_dependencies(const state& s, const job& what) {
  dependency_check found;
  std::vector<job_id> after = what.after;
  std::sort(after.begin(), after.end());
  after.erase(std::unique(after.begin(), after.end()), after.end());
  for (job_id id : after) {
    const auto* live = s.jobs.find(id);
    const auto verdict = s.finished.verdict(id);
    if (live != nullptr) {
      found.open.push_back(id);
      const bool is_doomed =
          live->is_cancelled ||
          (live->progress && (live->progress->failed > 0 || live->progress->cancelled > 0));
      if (is_doomed && !found.hopeless) found.hopeless = id;
    } else if (!verdict) {
      if (!found.unknown) found.unknown = id;
    } else if (!*verdict && !found.hopeless) {
      found.hopeless = id;
    }
  }
  return found;
}

std::string note_for(state& s, const job_entry& j) {
  if (could_run_somewhere(s, j.needs)) return {};
  return "no node known now could ever run this (" + to_string(s.line.of(j.needs).needs) +
         "); it waits for one that can";
}

void accept(state& s, const event::job_submitted& e, const dependency_check& dependencies) {
  const job& what = *e.what;
  const job_id id{++s.last_job.value};
  auto& j = s.jobs.add(id, e.what, s.line.join(what.needs), s.clock);
  s.count.waiting += what.count;
  s.owned.add(what.owner, id);
  if (!what.key.empty()) s.keys.add(what.key, {id, content_hash(what)});
  if (what.expires_after > duration{0}) s.expiries.add(s.clock + what.expires_after, id);
  s.out.keep(record::job_added{id, e.what});
  s.out.say(command::job_accepted{e.from, id, false, note_for(s, j)});
  if (dependencies.hopeless) {
    cancel_job(
        s, j, "job " + to_string(*dependencies.hopeless) + ", for which it waits, did not succeed");
    return;
  }
  if (!dependencies.open.empty()) {
    s.dependencies.block(id, dependencies.open);
    j.is_blocked = true;
  }
  enter_line(s, j);
}

}  // namespace

void on(state& s, const event::job_submitted& e) {
  if (is_answered_by_key(s, e)) return;
  const auto refuse = [&](fault why) {
    s.out.say(command::request_refused{e.from, std::move(why)});
  };
  if (auto check = check_job(*e.what); !check) return refuse(check.error());
  const auto dependencies = look_at_dependencies(s, *e.what);
  if (dependencies.unknown)
    return refuse({fault_code::not_found,
                   "job " + to_string(*dependencies.unknown) + ", for which to wait, is not known",
                   "name jobs that were submitted before"});
  if (s.count.waiting + e.what->count > s.how.queued_tasks_max)
    return refuse({fault_code::busy,
                   std::to_string(s.count.waiting) + " tasks wait already, of at most " +
                       std::to_string(s.how.queued_tasks_max),
                   "submit again when some have run"});
  if (s.jobs.text_bytes() + e.what->payload.size() > s.how.queued_bytes_max)
    return refuse({fault_code::busy,
                   "the commands of unfinished jobs fill " + std::to_string(s.jobs.text_bytes()) +
                       " bytes already, of at most " + std::to_string(s.how.queued_bytes_max),
                   "submit again when some jobs are over, or put large input into files"});
  accept(s, e, dependencies);
}

}  // namespace fabric::scheduler
