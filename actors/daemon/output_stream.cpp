#include "actors/daemon/output_stream.hpp"

#include <algorithm>
#include <utility>

namespace fabric::daemon {

output_stream::output_stream(actors::head_connection& head, task_id task, std::uint8_t number,
                             writer write, poster post)
    : head_(&head),
      task_(task),
      number_(number),
      write_(std::move(write)),
      post_(std::move(post)) {}

void output_stream::begin_from_end(std::uint64_t bytes) {
  from_end_ = true;
  offset_ = bytes;
}

void output_stream::ask(duration wait) {
  if (asked_ || complete_ || failure_) return;
  asked_ = true;
  head_->call(
      transport::log_read{.id = {task_, 0},
                          .stream = number_,
                          .offset = offset_,
                          .from_end = from_end_,
                          .wait = wait},
      [post = post_, number = number_](answer what) { post(number, std::move(what)); },
      wait + std::chrono::seconds{10});
}

bool output_stream::take(answer what) {
  asked_ = false;
  if (complete_) return true;
  if (!what) {
    failure_ = std::move(what.error());
    return true;
  }
  auto* chunk = std::get_if<transport::log_chunk>(&*what);
  if (chunk == nullptr) {
    failure_ = fault{fault_code::unsupported, "the head answered with another message", ""};
    return true;
  }
  if (attempt_ != 0 && chunk->id.attempt > attempt_) {
    std::fprintf(stderr, "fabricd: attempt %u was lost; attempt %u runs\n", attempt_,
                 chunk->id.attempt);
    attempt_ = chunk->id.attempt;
    if (!from_end_ &&
        offset_ > 0) {  // the piece belongs to the new attempt: read that from its start
      offset_ = 0;
      return false;
    }
  }
  if (chunk->id.attempt != 0) attempt_ = chunk->id.attempt;
  if (chunk->lost_before)
    std::fprintf(stderr, "fabricd: a part of the output before this was not kept\n");
  from_end_ = from_end_ && attempt_ == 0;
  write_(chunk->data);
  if (!from_end_) offset_ = chunk->offset + chunk->data.size();
  complete_ = chunk->end;
  return !chunk->data.empty() || complete_;
}

void output_stream::finish_from(const transport::task_report& report) {
  const auto& tail = number_ == 2 ? report.stderr_tail : report.stdout_tail;
  const auto total = number_ == 2 ? report.stderr_bytes : report.stdout_bytes;
  if (from_end_ || offset_ < total - std::min<std::uint64_t>(total, tail.size())) return;
  if (offset_ < total) write_(tail.substr(tail.size() - (total - offset_)));
  offset_ = total;
  complete_ = true;
}

void say_what_is_missing(std::uint64_t position, std::uint64_t bytes, const std::string& detail) {
  if (position >= bytes) return;
  std::fprintf(stderr, "fabricd: the last %llu bytes of the output are missing%s%s\n",
               static_cast<unsigned long long>(bytes - position), detail.empty() ? "" : ": ",
               detail.c_str());
}

output_stream::writer to_file(std::FILE* file) {
  return [file](const std::string& piece) {
    std::fwrite(piece.data(), 1, piece.size(), file);
    std::fflush(file);
  };
}

}  // namespace fabric::daemon
