#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/mailbox.hpp"
#include "actors/daemon/output_stream.hpp"
#include "actors/daemon/standard_output.hpp"

namespace fabric::daemon {

/// What a command's output becomes: written at once, or kept for the document.
struct shown {
  bool keep = false;
  std::string text;
  std::uint64_t missing = 0;

  void write(const std::string& piece) {
    if (keep)
      text += piece;
    else
      write_output(piece);
  }

  /// How much of it there is, to come back to.
  struct extent {
    std::size_t text = 0;
    std::uint64_t missing = 0;
  };
  void cut_to(const extent& before) {
    text.resize(std::min(text.size(), before.text));
    missing = before.missing;
  }
};

struct how_to_read {
  std::uint8_t stream = 1;  ///< 1 stdout, 2 stderr
  bool follow = false;
};

/// One stream of one task, read to where it ends now, or with -f to its end.
class log_reading {
 public:
  log_reading(client_session& session, task_id task, how_to_read how, shown& to);

  /// Shows the last lines and goes on behind them.
  result<void> begin_with_last(int lines);
  /// To where the stream ends now, with `follow` until the task is over.
  result<void> read();
  /// Says where the task wrote more than was kept.
  void compare_with_report();

 private:
  result<transport::log_chunk> last_piece();
  result<void> follow(instant now);
  result<void> step();

  client_session& session_;
  task_id task_;
  how_to_read how_;
  shown& to_;
  shown::extent before_;  ///< of the tasks before this one
  // Shared with the answers that are still on their way when we return.
  std::shared_ptr<mailbox<output_stream::answer>> box_ =
      std::make_shared<mailbox<output_stream::answer>>();
  output_stream stream_;
  bool had_any_ = false;
};

}  // namespace fabric::daemon
