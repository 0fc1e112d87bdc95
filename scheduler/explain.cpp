#include <string>

#include "scheduler/views.hpp"

namespace fabric::scheduler {

namespace {

/// "3.2 s", "250 ms", "1 h 5 min": rounded for people.
std::string spelled(duration d) {
  const std::int64_t ms = std::max<std::int64_t>(0, d.count()) / 1'000;
  if (ms < 1'000) return std::to_string(ms) + " ms";
  const std::int64_t s = ms / 1'000;
  if (s < 60) return std::to_string(s) + "." + std::to_string(ms % 1'000 / 100) + " s";
  if (s < 3'600) return std::to_string(s / 60) + " min " + std::to_string(s % 60) + " s";
  return std::to_string(s / 3'600) + " h " + std::to_string(s % 3'600 / 60) + " min";
}

std::string jobs_in_words(const std::vector<job_id>& jobs) {
  constexpr std::size_t named_max = 5;
  std::string text = jobs.size() == 1 ? "job " : "jobs ";
  for (std::size_t i = 0; i < jobs.size() && i < named_max; ++i)
    text += (i > 0 ? ", " : "") + to_string(jobs[i]);
  if (jobs.size() > named_max) text += " and " + std::to_string(jobs.size() - named_max) + " more";
  return text;
}

std::string amount_of(std::string_view name, milli amount) {
  const std::string text = to_string(resource_set{{std::string(name), amount}});
  const auto at = text.find('=');
  return at == std::string::npos ? "0" : text.substr(at + 1);
}

/// The first condition or amount that the node can never meet; empty where it could.
std::string lasting_reason(const inventory& stock, const demand& needs) {
  for (const auto& condition : needs.where) {
    if (satisfies(stock.total().labels, condition)) continue;
    const auto found = stock.total().labels.find(condition.key);
    const bool has_it = found != stock.total().labels.end();
    if (condition.is == label_condition::relation::differs)
      return "label " + condition.key + " is " + condition.value + ", wants any other";
    return has_it ? "label " + condition.key + " is " + found->second + ", wants " + condition.value
                  : "has no label " + condition.key + ", wants " + condition.value;
  }
  for (const auto& [name, amount] : needs.amounts) {
    const milli whole = stock.total().amounts[name];
    if (whole < amount)
      return "needs " + name + " " + amount_of(name, amount) + ", has " +
             (whole == milli{} ? "none" : amount_of(name, whole));
  }
  return {};
}

/// What is taken now; empty where it would fit.
std::string passing_reason(const inventory& stock, const demand& needs) {
  for (const auto& [name, amount] : needs.amounts) {
    const milli free = stock.free()[name];
    if (free >= amount) continue;
    return "needs " + name + " " + amount_of(name, amount) + ", free " + amount_of(name, free) +
           " of " + amount_of(name, stock.total().amounts[name]);
  }
  if (stock.fits(needs)) return {};
  const milli gpus = needs.amounts[gpu];
  if (gpus < units(1)) return "no single GPU has " + to_string(gpus) + " free";
  return "fewer than " + to_string(gpus) + " GPUs are wholly free";
}

std::string state_reason(const state& s, const node_entry& n, class_number number, instant now) {
  if (n.is_lost) return "lost: not heard for " + spelled(now - n.last_heard);
  if (n.is_recovering) return "not back yet since the head restarted";
  if (n.is_draining) return n.held.empty() ? "drained" : "draining";
  if (!n.session) return "disconnected";
  if (n.is_silent) return "not heard for " + spelled(now - n.last_heard);
  if (n.paused_until != never)
    return "declined a task; gets work again in " + spelled(n.paused_until - now);
  if (n.saved_for && *n.saved_for != number)
    return "kept free for a larger demand that waits longer";
  if (n.held.size() >= s.how.node_attempts_max)
    return "holds " + std::to_string(n.held.size()) + " tasks, the most one node may";
  return {};
}

explanation::line line_for(const state& s, const node_entry& n, class_number number, instant now,
                           std::string_view if_it_fits) {
  const demand& needs = s.line.of(number).needs;
  explanation::line line{n.id, n.name, {}, n.stock.could_ever_fit(needs)};
  // Of a node that was not heard since a restart, nothing is known but its name.
  if (!n.is_recovering) line.reason = lasting_reason(n.stock, needs);
  if (line.reason.empty()) line.reason = state_reason(s, n, number, now);
  if (line.reason.empty()) line.reason = passing_reason(n.stock, needs);
  if (line.reason.empty()) line.reason = if_it_fits;
  return line;
}

std::string summary_of_held(const state& s, const lease& l) {
  const auto* n = s.nodes.find(l.node);
  std::string text = l.is_started ? "runs on " : "was given to ";
  text += n->name.empty() ? to_string(n->id) : n->name;
  if (l.revoked) text += ", asked to stop";
  if (!n->session || n->is_silent) text += ", which is " + std::string(n->state());
  return text;
}

std::string summary_of_queued(const explanation& e) {
  if (e.nodes.empty()) return "waits for a node to join";
  for (const auto& line : e.nodes)
    if (line.could_ever) return "waits for a node with room";
  return "no node known now could ever run it; waits for one that can";
}

}  // namespace

result<explanation> explain_task(const state& s, task_id id, instant now) {
  const auto* j = s.jobs.find(id.job);
  if (j == nullptr && s.finished.verdict(id.job))
    return fault{fault_code::not_found, "job " + to_string(id.job) + " has ended",
                 "fabricd get shows how"};
  if (j == nullptr || !j->has_index(id.index))
    return fault{fault_code::not_found, "task " + to_string(id) + " is not known",
                 "fabricd list tasks shows those that are"};
  const task_state how = j->state_of(id.index);
  if (is_final(how))
    return fault{fault_code::not_found,
                 "task " + to_string(id) + " has ended: " + std::string(name_of(how)),
                 "fabricd get shows how"};
  explanation e;
  if (const auto* l = s.leases.find(id)) {
    e.summary = summary_of_held(s, *l);
    return e;
  }
  const bool is_in_line = how == task_state::queued;
  for (const auto& [node, n] : s.nodes.all())
    e.nodes.push_back(line_for(s, n, j->needs, now,
                               is_in_line ? "fits; others go first" : "fits, once it may run"));
  if (how == task_state::blocked)
    e.summary = "waits for " + jobs_in_words(s.dependencies.waits_for(id.job));
  else if (how == task_state::backing_off)
    e.summary = "retries in " + spelled(j->touched(id.index)->due - now);
  else
    e.summary = summary_of_queued(e);
  return e;
}

}  // namespace fabric::scheduler
