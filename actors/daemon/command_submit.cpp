#include <charconv>
#include <cstdio>
#include <memory>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/duration_text.hpp"
#include "actors/daemon/work_flags.hpp"
#include "scheduler/job.hpp"
#include "transport/codec.hpp"

namespace fabric::daemon {

namespace {

struct flags : client_flags, work_flags {
  std::string array;
  std::string key;
  std::string name;
  std::string after;
  std::string deadline;
  std::uint32_t retries = 0;
  int priority = 0;
};

struct index_range {
  std::uint32_t first = 0;
  std::uint32_t count = 1;
};

/// "1-1000" or "100" (0 to 99).
result<index_range> parse_array(const std::string& text) {
  const fault wrong{fault_code::usage, "--array '" + text + "' is no range",
                    "write it as in --array 1-1000"};
  const auto* end = text.data() + text.size();
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  const auto [dash, error] = std::from_chars(text.data(), end, first);
  if (error != std::errc{}) return wrong;
  if (dash == end) {
    if (first == 0) return wrong;
    last = first - 1;
    first = 0;
  } else {
    if (*dash != '-') return wrong;
    const auto [rest, bad] = std::from_chars(dash + 1, end, last);
    if (bad != std::errc{} || rest != end || last < first) return wrong;
  }
  if (last > UINT32_MAX - 1 || last - first + 1 > scheduler::array_tasks_max)
    return fault{fault_code::usage, "--array '" + text + "' is too large",
                 "at most " + std::to_string(scheduler::array_tasks_max) + " tasks a job"};
  return index_range{static_cast<std::uint32_t>(first),
                     static_cast<std::uint32_t>(last - first + 1)};
}

result<std::vector<job_id>> parse_after(const std::string& text) {
  std::vector<job_id> jobs;
  std::size_t from = 0;
  while (from <= text.size() && !text.empty()) {
    const auto comma = std::min(text.find(',', from), text.size());
    const auto word = text.substr(from, comma - from);
    const auto id = parse_job_or_task(word);
    if (!id || id->index)
      return fault{fault_code::usage, "--after '" + word + "' is no job",
                   "name jobs by number, as in --after 17,18"};
    jobs.push_back(id->job);
    from = comma + 1;
  }
  return jobs;
}

result<transport::submit> request_of(const flags& from, const tail& command) {
  auto work = work_of(from, command, "submit");
  if (!work) return std::move(work).error();
  auto needs = demand_of(from);
  if (!needs) return std::move(needs).error();
  auto limit = time_limit_of(from);
  if (!limit) return std::move(limit).error();
  auto after = parse_after(from.after);
  if (!after) return std::move(after).error();
  transport::submit made{.name = from.name,
                         .key = from.key.empty() ? unique_key() : from.key,
                         .payload = transport::encode(*work),
                         .needs = std::move(*needs),
                         .priority = from.priority,
                         .retries = from.retries,
                         .time_limit = *limit,
                         .after = std::move(*after)};
  if (!from.deadline.empty()) {
    auto deadline = parse_duration(from.deadline, "--start-within");
    if (!deadline) return std::move(deadline).error();
    made.expires_after = *deadline;
  }
  if (!from.array.empty()) {
    auto range = parse_array(from.array);
    if (!range) return std::move(range).error();
    made.is_array = true;
    made.first_index = range->first;
    made.count = range->count;
  }
  return made;
}

int submit(const flags& from, const tail& command) {
  auto request = request_of(from, command);
  if (!request) return complain(request.error());
  auto session = connect(from);
  if (!session) return complain(session.error());
  auto accepted = session->head->call(std::move(*request), std::chrono::seconds{60});
  if (!accepted) return complain(accepted.error());
  const auto* submitted = std::get_if<transport::submitted>(&*accepted);
  if (submitted == nullptr)
    return complain({fault_code::unsupported, "the head answered with another message", ""});
  if (from.as_json)
    print({{"id", to_string(submitted->job)}, {"existed", submitted->existed}});
  else
    std::puts(to_string(submitted->job).c_str());
  return 0;
}

}  // namespace

runner add_submit(CLI::App& app, const tail& command) {
  auto* parsed = app.add_subcommand("submit", "submit a command durably; prints the job's id");
  auto to = std::make_shared<flags>();
  parsed->add_option("--array", to->array, "one task for each index, as in 1-1000");
  parsed->add_option("--key", to->key, "idempotency key: the same key is the same job");
  parsed->add_option("--name", to->name, "a name for listings");
  parsed->add_option("--retries", to->retries, "further attempts after a failure (default 0)")
      ->check(CLI::Range(0U, scheduler::retries_max));
  parsed->add_option("--priority", to->priority, "higher runs first (default 0)")
      ->check(CLI::Range(-scheduler::priority_limit, scheduler::priority_limit));
  parsed->add_option("--after", to->after, "start when these jobs have succeeded, as in 17,18");
  parsed->add_option("--start-within", to->deadline, "expire where not started by then");
  add_work_flags(*parsed, *to);
  add_client_flags(*parsed, *to);
  parsed->footer("{index} in the command and $FABRIC_ARRAY_INDEX carry an array task's index.");
  return [to, &command] { return submit(*to, command); };
}

}  // namespace fabric::daemon
