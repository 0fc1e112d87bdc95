#include "actors/daemon/output_cursor.hpp"

#include <algorithm>
#include <utility>

namespace fabric::daemon {

attempt_number output_cursor::turn_to(attempt_number newer) {
  if (newer <= attempt_) return 0;
  const auto left = std::exchange(attempt_, newer);
  offset_ = 0;
  ended_ = false;
  return left;
}

output_cursor::step output_cursor::take(transport::log_chunk chunk) {
  step made;
  if (complete_ || chunk.id.attempt < attempt_) return made;
  const auto asked = offset_;
  made.left = turn_to(chunk.id.attempt);
  if (made.left != 0 && asked > 0) return made;  // it is from the middle
  made.lost = chunk.offset - std::min(chunk.offset, offset_);
  made.progress = !chunk.data.empty() || made.lost > 0;
  offset_ = chunk.offset + chunk.data.size();
  made.text = std::move(chunk.data);
  ended_ = chunk.end;
  complete_ = ended_ && last_ && attempt_ >= *last_;
  return made;
}

output_cursor::step output_cursor::finish(attempt_number last) {
  step made;
  if (complete_) return made;
  last_ = last;
  made.left = turn_to(last);
  complete_ = ended_;
  return made;
}

output_cursor::step output_cursor::finish(attempt_number last,
                                          const transport::task_report& report) {
  auto made = finish(last);
  const auto& tail = stream_ == 2 ? report.stderr_tail : report.stdout_tail;
  const auto total = stream_ == 2 ? report.stderr_bytes : report.stdout_bytes;
  if (offset_ < total - std::min<std::uint64_t>(total, tail.size())) return made;
  if (offset_ < total) made.text = tail.substr(tail.size() - (total - offset_));
  offset_ = std::max(offset_, total);
  complete_ = true;
  return made;
}

void output_cursor::begin_at(attempt_number attempt, std::uint64_t offset) {
  attempt_ = attempt;
  offset_ = offset;
}

}  // namespace fabric::daemon
