#pragma once

#include <optional>
#include <variant>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/live_output.hpp"
#include "actors/daemon/mailbox.hpp"
#include "actors/daemon/run_verdict.hpp"

namespace fabric::daemon {

/// What a `run` hears while it waits.
namespace run_news {
struct session_began {};
struct session_refused {
  fault why;
};
struct submitted {
  result<transport::message> answer;
};
struct known {
  result<transport::message> answer;
};
struct cancelled {
  result<transport::message> answer;
};
struct output {
  std::uint8_t stream = 0;
  output_stream::answer answer;
};
struct ended {
  transport::task_finished what;
};
}  // namespace run_news
using run_news_type =
    std::variant<run_news::session_began, run_news::session_refused, run_news::submitted,
                 run_news::known, run_news::cancelled, run_news::output, run_news::ended>;

/// The one task of a `run`: submitted, shown, and cancelled where nobody wants it any more. It
/// holds on while the head is away: calls are repeated in each new session, and there we watch
/// again.
class foreground_task {
 public:
  /// `box` outlives the session, whose last callbacks still post to it.
  foreground_task(client_session& session, mailbox<run_news_type>& box, bool shows_output);
  ~foreground_task();
  foreground_task(const foreground_task&) = delete;
  foreground_task& operator=(const foreground_task&) = delete;

  /// Blocks until the task is over and shown. Faults: those of the submission; not_found where a
  /// restarted head does not know the task; cancelled where we were interrupted and leave it alone.
  result<run_end> run(transport::submit what);

 private:
  template <class News>
  void call(transport::message what);
  void watch();
  void heed_interrupts();
  void cancel();
  fault leave() const;
  void show_output(instant now);

  void on(run_news::session_began& what);
  void on(run_news::session_refused& what);
  void on(run_news::submitted& what);
  void on(run_news::known& what);
  void on(run_news::cancelled& what);
  void on(run_news::output& what);
  void on(run_news::ended& what);

  client_session& session_;
  mailbox<run_news_type>& box_;
  bool shows_output_;
  std::optional<task_id> task_;
  std::optional<live_output> output_;
  std::optional<run_end> end_;
  std::optional<fault> failed_;
  instant watch_again_at_ = never;
  bool cancelling_ = false;
  instant cancel_again_at_ = never;
  bool cancel_was_heard_ = false;
  bool shown_ = false;
};

}  // namespace fabric::daemon
