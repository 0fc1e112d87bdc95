#include "tests/scheduler/script.hpp"

#include <sstream>

#include "scheduler/describe.hpp"

namespace fabric::scheduler {

namespace {

duration duration_of(const std::string& text) {
  std::size_t used = 0;
  const long long n = std::stoll(text, &used);
  return text.substr(used) == "ms" ? duration{std::chrono::milliseconds{n}}
                                   : duration{std::chrono::seconds{n}};
}
std::uint64_t number_of(const std::string& text) { return std::stoull(text); }
node_id node_of(const std::string& text) { return node_id{number_of(text.substr(1))}; }
task_id task_of(const std::string& text) {
  const auto found = parse_job_or_task(text);
  if (!found || !found->index) throw std::invalid_argument("no task: " + text);
  return {found->job, *found->index};
}
attempt_id attempt_of(const std::string& text) {
  const auto at = text.find('#');
  return {task_of(text.substr(0, at)), static_cast<attempt_number>(number_of(text.substr(at + 1)))};
}
std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, by);) parts.push_back(part);
  return parts;
}
std::string value(const std::map<std::string, std::string>& named, const std::string& name,
                  const std::string& otherwise) {
  const auto found = named.find(name);
  return found == named.end() ? otherwise : found->second;
}
resource_set amounts_of(const std::map<std::string, std::string>& named) {
  resource_set amounts;
  for (const auto* name : {"cpu", "gpu", "licence"})
    if (named.contains(name)) amounts.set(name, parse_amount(named.at(name), name).value());
  return amounts;
}
ending ending_named(const std::string& name) {
  for (int i = 0; i < 8; ++i)
    if (name_of(static_cast<ending>(i)) == name) return static_cast<ending>(i);
  throw std::invalid_argument("no such ending: " + name);
}

std::shared_ptr<const job> job_of(const std::map<std::string, std::string>& named) {
  auto j = std::make_shared<job>();
  j->payload = "work";
  j->needs.amounts = amounts_of(named);
  for (const auto& label : split(value(named, "label", ""), ',')) {
    const auto parts = split(label, ':');
    j->needs.where.push_back({parts.at(0), label_condition::relation::equals, parts.at(1)});
  }
  j->is_array = named.contains("count");
  j->count = static_cast<std::uint32_t>(number_of(value(named, "count", "1")));
  j->first_index = static_cast<std::uint32_t>(number_of(value(named, "first", "0")));
  j->key = value(named, "key", "");
  j->owner = program_id{number_of(value(named, "owner", "0"))};
  j->priority = std::stoi(value(named, "priority", "0"));
  j->retry.retries_max = static_cast<std::uint32_t>(number_of(value(named, "retries", "0")));
  j->retry.poison_after = static_cast<std::uint32_t>(number_of(value(named, "poison", "3")));
  j->expires_after = duration_of(value(named, "expires", "0s"));
  for (const auto& id : split(value(named, "after", ""), ',')) j->after.push_back({number_of(id)});
  return j;
}

event::node_joined join_of(const std::map<std::string, std::string>& named, node_id node,
                           instant now) {
  event::node_joined e;
  e.node = node;
  e.session = session_id{number_of(value(named, "session", "1"))};
  e.incarnation = incarnation_id{number_of(value(named, "incarnation", "1"))};
  e.boot_id = value(named, "boot", "boot");
  e.name = "n" + std::to_string(node.value);
  e.has.amounts = amounts_of(named);
  for (std::int64_t i = 0; i < e.has.amounts[gpu].value / 1000; ++i)
    e.has.gpu_ids.push_back(std::to_string(i));
  for (const auto& label : split(value(named, "label", ""), ',')) {
    const auto parts = split(label, ':');
    e.has.labels[parts.at(0)] = parts.at(1);
  }
  for (auto id : split(value(named, "holding", ""), ',')) {
    const bool ended = id.back() == '!';
    if (ended) id.pop_back();
    e.holding.push_back({attempt_of(id), ended});
  }
  e.worker_time = now;
  return e;
}

/// Node ids are short in scripts: n1, n2.
std::string with_short_nodes(std::string line) {
  const std::string zeros(14, '0');
  for (auto at = line.find(zeros); at != std::string::npos; at = line.find(zeros)) {
    const auto id = std::stoul(line.substr(at, 16), nullptr, 16);
    line.replace(at, 16, "n" + std::to_string(id));
  }
  return line;
}

}  // namespace

std::vector<std::string> script_runner::run(const std::string& line) {
  std::vector<std::string> plain;
  words named;
  for (const auto& word : split(line, ' ')) {
    const auto at = word.find('=');
    if (at == std::string::npos)
      plain.push_back(word);
    else
      named[word.substr(0, at)] = word.substr(at + 1);
  }
  if (plain.at(0) == "settings") {
    read_settings(named);
    return {};
  }
  if (!scheduler_) scheduler_.emplace(how_);
  if (plain[0] == "restart") {
    scheduler_ = engine::restore(how_, store_.live(), now_);
    return {};
  }
  if (plain[0] == "explain") return explain(plain.at(1));
  if (plain[0] == "wait") now_ += duration_of(plain.at(1));
  const auto what = event_of(plain, named);
  if (!what) throw std::invalid_argument("no such line: " + line);
  return feed(*what);
}

void script_runner::read_settings(const words& named) {
  how_.lease = duration_of(value(named, "lease", "60s"));
  how_.aging = duration_of(value(named, "aging", "60s"));
  how_.starved_after = duration_of(value(named, "starved", "120s"));
  how_.placement = policy_named(value(named, "placement", "pack")).value();
}

std::optional<event_type> script_runner::event_of(const std::vector<std::string>& plain,
                                                  const words& named) const {
  const event::asker from{session_id{9}, request_id{1}};
  const std::string& verb = plain[0];
  const session_id session{number_of(value(named, "session", "1"))};
  if (verb == "wait") return event::ticked{};
  if (verb == "submit") return event::job_submitted{from, job_of(named)};
  if (verb == "cancel")
    return event::cancel_requested{from, parse_job_or_task(plain.at(1)).value(),
                                   plain.size() > 2 ? event::cancel_requested::when::unless_held
                                                    : event::cancel_requested::when::always};
  if (verb == "lend") return event::lease_lent{from, attempt_of(plain.at(1))};
  if (verb == "claim") return event::lease_claimed{from, attempt_of(plain.at(1))};
  if (verb == "gone") return event::owner_gone{program_id{number_of(plain.at(1))}};
  const node_id node = node_of(plain.at(1));
  if (verb == "join") return join_of(named, node, now_);
  if (verb == "heartbeat") return event::node_heartbeat{node, session, now_};
  if (verb == "lost") return event::session_lost{node, session};
  if (verb == "left") return event::node_left{node, session};
  if (verb == "drain")
    return event::drain_requested{from, node, duration_of(value(named, "within", "30s"))};
  if (verb == "forget") return event::forget_requested{from, node};
  if (verb == "started") return event::attempt_started{node, attempt_of(plain.at(2))};
  if (verb == "declined") return event::attempt_declined{node, attempt_of(plain.at(2))};
  if (verb == "ended")
    return event::attempt_ended{node, attempt_of(plain.at(2)), ending_named(plain.at(3)), "report"};
  return std::nullopt;
}

std::vector<std::string> script_runner::feed(const event_type& what) {
  std::vector<std::string> said;
  for (const auto& c : scheduler_->step(what, now_)) {
    if (const auto* p = std::get_if<command::persist>(&c)) store_.apply(p->what);
    said.push_back(with_short_nodes(describe(c)));
  }
  if (auto broken = scheduler_->broken_invariant(); !broken.empty())
    said.push_back("BROKEN: " + broken);
  return said;
}

std::vector<std::string> script_runner::explain(const std::string& task) const {
  const auto why = scheduler_->explain(task_of(task), now_);
  if (!why) return {with_short_nodes(to_line(why.error()))};
  std::vector<std::string> said{why->summary};
  for (const auto& n : why->nodes)
    said.push_back(n.name + ": " + n.reason + (n.could_ever ? "" : " (never)"));
  return said;
}

}  // namespace fabric::scheduler
