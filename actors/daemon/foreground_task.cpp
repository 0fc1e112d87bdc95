#include "actors/daemon/foreground_task.hpp"

#include <utility>

#include "actors/clock.hpp"
#include "actors/daemon/interrupts.hpp"
#include "actors/daemon/standard_output.hpp"

namespace fabric::daemon {

namespace {

/// How soon a signal, which wakes nobody, is seen.
constexpr duration look_up_every = std::chrono::milliseconds{20};
constexpr duration again_after = std::chrono::seconds{1};

}  // namespace

foreground_task::foreground_task(client_session& session, mailbox<run_news_type>& box,
                                 bool shows_output)
    : session_(session), box_(box), shows_output_(shows_output) {
  session_.head->listen([&box](const transport::message& message) {
    if (const auto* end = std::get_if<transport::task_finished>(&message))
      box.put(run_news::ended{*end});
    else if (std::holds_alternative<transport::welcome>(message))
      box.put(run_news::session_began{});
    else if (const auto* refused = std::get_if<transport::refused>(&message))
      box.put(run_news::session_refused{refused->why});
  });
  ask_while_output_waits([this] {
    heed_interrupts();
    return interrupts_seen() < 2;
  });
}

foreground_task::~foreground_task() { ask_while_output_waits({}); }

result<run_end> foreground_task::run(transport::submit what) {
  call<run_news::submitted>(std::move(what));
  while (!shown_) {
    heed_interrupts();
    if (interrupts_seen() > 1) return leave();
    if (actors::now() >= watch_again_at_) watch();
    if (auto news = box_.take(look_up_every)) std::visit([this](auto& one) { on(one); }, *news);
    if (failed_) return std::move(*failed_);
    show_output(actors::now());
  }
  return std::move(*end_);
}

template <class News>
void foreground_task::call(transport::message what) {
  session_.head->call(std::move(what), [&box = box_](result<transport::message> answer) {
    box.put(News{std::move(answer)});
  });
}

void foreground_task::watch() {
  watch_again_at_ = never;
  call<run_news::known>(transport::ask{{}, "get", json{{"id", to_string(task_->job)}}.dump()});
  call<run_news::known>(transport::watch{{}, task_->job});
}

void foreground_task::heed_interrupts() {
  if (!task_ || end_) return;
  const bool unwanted = interrupts_seen() > 0 || !output_works();
  if (cancelling_ ? actors::now() >= cancel_again_at_ : unwanted) cancel();
}

void foreground_task::cancel() {
  cancelling_ = true;
  cancel_again_at_ = never;
  call<run_news::cancelled>(
      transport::ask{{}, "cancel", json{{"id", to_string(task_->job)}}.dump()});
}

fault foreground_task::leave() const {
  if (!task_)
    return {fault_code::cancelled, "interrupted; whether the task was submitted is not known",
            "see `fabricd list jobs`"};
  const auto id = to_string(task_->job);
  if (end_ || cancel_was_heard_)
    return {fault_code::cancelled, "interrupted; task " + id + " is being stopped", ""};
  return {fault_code::cancelled, "interrupted; task " + id + " goes on, the head is away",
          "end it later with `fabricd cancel " + id + "`"};
}

void foreground_task::show_output(instant now) {
  if (output_) {
    const auto lost = end_ ? output_->lost_rest(now) : std::nullopt;
    if (lost) remark(*lost);
    if (!lost && !output_->is_complete() && output_works()) {
      output_->ask(now);
      return;
    }
  }
  shown_ = end_.has_value();
  if (shown_ && output_ && output_works()) output_->say_what_is_missing(end_->report);
}

void foreground_task::on(run_news::session_began&) {
  if (task_ && !end_) watch();
}

void foreground_task::on(run_news::session_refused& what) {
  if (!end_) failed_ = std::move(what.why);
}

void foreground_task::on(run_news::submitted& what) {
  if (!what.answer) {
    failed_ = std::move(what.answer.error());
    if (interrupts_seen() > 0 && failed_->code == fault_code::unreachable)
      failed_ = fault{fault_code::cancelled,
                      "interrupted before anything was submitted; " + failed_->detail, ""};
    return;
  }
  const auto* accepted = std::get_if<transport::submitted>(&*what.answer);
  if (accepted == nullptr) {
    failed_ = fault{fault_code::unsupported, "the head answered with another message",
                    "use a fabricd of the head's version"};
    return;
  }
  task_ = task_id{accepted->job, 0};
  if (shows_output_)
    output_.emplace(*session_.head, *task_,
                    [&box = box_](std::uint8_t stream, output_stream::answer answer) {
                      box.put(run_news::output{stream, std::move(answer)});
                    });
}

void foreground_task::on(run_news::known& what) {
  if (what.answer || end_) return;
  if (what.answer.error().code == fault_code::not_found)
    failed_ = std::move(what.answer.error());
  else
    watch_again_at_ = actors::now() + again_after;
}

void foreground_task::on(run_news::cancelled& what) {
  cancel_was_heard_ = what.answer.has_value();
  if (what.answer || end_) return;
  remark(what.answer.error());
  if (advice_of(what.answer.error().code) != retry_advice::never)
    cancel_again_at_ = actors::now() + again_after;
}

void foreground_task::on(run_news::output& what) {
  output_->take(what.stream, std::move(what.answer), actors::now());
}

void foreground_task::on(run_news::ended& what) {
  if (end_ || !task_ || what.what.task != *task_) return;
  end_ = run_end{std::move(what.what), {}};
  if (auto read = transport::decode_task_report(end_->told.report)) end_->report = std::move(*read);
  if (output_) output_->finish(end_->told.attempt, end_->report, actors::now());
}

}  // namespace fabric::daemon
