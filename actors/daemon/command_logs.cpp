#include <algorithm>
#include <cstdio>
#include <memory>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/mailbox.hpp"
#include "actors/daemon/output_stream.hpp"

namespace fabric::daemon {

namespace {

struct flags : client_flags {
  std::string id;
  bool follow = false;
  bool errors = false;
  int tail = -1;
};

/// Of text in a JSON document.
constexpr std::size_t document_bytes_max = 64 << 20;

/// Bytes looked at from the end for `--tail`; lines longer than this in all are cut at the front.
constexpr std::uint64_t tail_bytes_max = 1 << 20;

using answer = output_stream::answer;

/// The last `lines` lines of a task's output.
struct ending_lines {
  std::string text;
  std::uint64_t position = 0;  ///< of their end in the stream
};
result<ending_lines> last_lines(client_session& session, task_id task, std::uint8_t stream,
                                int lines) {
  auto got = session.head->call(transport::log_read{.id = {task, 0},
                                                    .stream = stream,
                                                    .offset = tail_bytes_max,
                                                    .from_end = true,
                                                    .bytes_max = tail_bytes_max},
                                std::chrono::seconds{20});
  if (!got) return std::move(got).error();
  auto* chunk = std::get_if<transport::log_chunk>(&*got);
  if (chunk == nullptr)
    return fault{fault_code::unsupported, "the head answered with another message", ""};
  const auto position = chunk->offset + chunk->data.size();
  std::string text = std::move(chunk->data);
  std::size_t begin = text.size();
  for (int left = lines; left >= 0 && begin > 0;) {
    --begin;
    if (text[begin] == '\n' && begin + 1 != text.size()) --left;
    if (left == 0 && text[begin] == '\n') {
      ++begin;
      break;
    }
  }
  return ending_lines{lines == 0 ? std::string{} : text.substr(begin), position};
}

/// What a command's output becomes: written at once, or kept for the document.
struct shown {
  bool keep = false;
  std::string text;
  std::uint64_t missing = 0;

  void write(const std::string& piece) {
    if (keep)
      text += piece;
    else
      to_file(stdout)(piece);
  }
};

/// Says where a finished task wrote more than was kept.
void compare_with_report(client_session& session, task_id task, const flags& from,
                         std::uint64_t position, shown& to) {
  auto known = session.ask("get", {{"id", to_string(task)}});
  if (!known) return;
  const auto bytes = known->value(from.errors ? "stderr_bytes" : "stdout_bytes", 0ULL);
  to.missing += bytes - std::min<std::uint64_t>(bytes, position);
  say_what_is_missing(position, bytes, known->value("detail", ""));
}

/// Reads a whole stream; with `follow` until the task is over.
result<void> read_stream(client_session& session, task_id task, const flags& from, shown& to) {
  // Shared with the answers that are still on their way when we return.
  auto posted = std::make_shared<mailbox<answer>>();
  auto& box = *posted;
  output_stream stream{*session.head, task, static_cast<std::uint8_t>(from.errors ? 2 : 1),
                       [&to](const std::string& piece) { to.write(piece); },
                       [posted](std::uint8_t, answer what) { posted->put(std::move(what)); }};
  const duration wait = from.follow ? duration{std::chrono::seconds{5}} : duration{0};
  duration pause{0};
  while (!stream.is_complete() && !stream.failure()) {
    if (pause.count() > 0) box.take(pause);
    stream.ask(wait);
    auto what = box.take(std::chrono::seconds{30});
    if (!what) continue;
    const bool progress = stream.take(std::move(*what));
    if (!progress && !from.follow) return {};
    if (to.text.size() > document_bytes_max)
      return fault{fault_code::too_large, "the output is over 64 MiB, too much for one document",
                   "leave out --json, or add --tail"};
    pause = progress ? duration{0} : duration{std::chrono::milliseconds{100}};
  }
  if (stream.failure()) return *stream.failure();
  compare_with_report(session, task, from, stream.position(), to);
  return {};
}

/// As read_stream, of the last lines alone.
result<void> read_tail(client_session& session, task_id task, const flags& from, shown& to) {
  auto lines = last_lines(session, task, from.errors ? 2 : 1, from.tail);
  if (!lines) return std::move(lines).error();
  to.write(lines->text);
  compare_with_report(session, task, from, lines->position, to);
  return {};
}

int logs(const flags& from) {
  const auto id = parse_job_or_task(from.id);
  if (!id)
    return complain(
        {fault_code::usage, "'" + from.id + "' is neither a job (17) nor a task (17.3)", ""});
  auto session = connect(from);
  if (!session) return complain(session.error());
  auto job = session->ask("get", {{"id", to_string(id->job)}});
  if (!job) return complain(job.error());
  std::vector<std::uint32_t> indexes;
  if (id->index)
    indexes.push_back(*id->index);
  else
    for (std::uint32_t i = 0; i < job->value("tasks", 1U); ++i)
      indexes.push_back(job->value("first_index", 0U) + i);
  if (from.follow && indexes.size() > 1)
    return complain({fault_code::usage,
                     from.id + " is an array of " + std::to_string(indexes.size()) + " tasks",
                     "follow one of them, as in " + from.id + "." + std::to_string(indexes[0])});
  shown output{.keep = from.as_json};
  for (const auto index : indexes) {
    const task_id task{id->job, index};
    auto read = from.tail < 0 ? read_stream(*session, task, from, output)
                              : read_tail(*session, task, from, output);
    if (!read) return complain(read.error());
  }
  if (from.as_json)
    print({{"id", from.id},
           {"stream", from.errors ? "stderr" : "stdout"},
           {"text", output.text},
           {"missing_bytes", output.missing}});
  return 0;
}

}  // namespace

runner add_logs(CLI::App& app) {
  auto* command = app.add_subcommand("logs", "a task's output, from wherever it ran");
  auto to = std::make_shared<flags>();
  command->add_option("id", to->id, "a job (17) or a task (17.3)")->required();
  command->add_flag("-f,--follow", to->follow, "go on until the task is over");
  command->add_flag("--err", to->errors, "standard error instead of standard output");
  command->add_option("--tail", to->tail, "only the last N lines")->check(CLI::Range(0, 1'000'000));
  add_client_flags(*command, *to);
  return [to] { return logs(*to); };
}

}  // namespace fabric::daemon
