#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/demand.hpp"

namespace fabric {

namespace detail {

class desk;
class actor_scope;

/// What a running attempt knows of itself, and how it says that it waits.
class task_context {
 public:
  virtual ~task_context() = default;

  std::uint64_t id = 0;
  std::uint32_t attempt = 1;
  std::string_view name;
  std::string_view node;
  /// What a call that came as bytes is at: values may throw where they are packed and unpacked.
  enum class step : std::uint8_t { unpacking, running, packing };
  step at = step::unpacking;

  virtual std::stop_token stop_token() = 0;
  [[nodiscard]] virtual std::vector<gpu_share> gpus() const { return {}; }
  /// Between these two the attempt does not run: its slot is given to others. `go_on` returns when
  /// it has a slot again.
  virtual void pause() = 0;
  virtual void go_on() = 0;
  /// Where calls of this task go.
  virtual desk* session() = 0;
  /// Within a method of an actor: its object, and what it may say. nullptr elsewhere.
  virtual void* object() { return nullptr; }
  virtual actor_scope* actor() { return nullptr; }
  /// Asks whoever takes notes of this topic in the program that made the call (`note_board`), and
  /// waits for the answer. Throws task errors: unsupported, cancelled, and what the answer tells.
  virtual std::string ask_owner(std::string_view topic, std::string body);
};

/// That of the calling thread; nullptr outside of tasks. Answers the one before.
task_context* enter_task(task_context* context);
task_context* current_task();

}  // namespace detail

/// The task that the calling thread runs. Valid until the function returns.
class task_view {
 public:
  explicit task_view(detail::task_context& of) : of_(&of) {}
  /// Unique within the session.
  [[nodiscard]] std::uint64_t id() const { return of_->id; }
  /// From 1.
  [[nodiscard]] std::uint32_t attempt() const { return of_->attempt; }
  [[nodiscard]] std::string_view name() const { return of_->name; }
  [[nodiscard]] std::string_view node() const { return of_->node; }
  /// GPUs that the task holds, as CUDA_VISIBLE_DEVICES spells them.
  [[nodiscard]] std::vector<gpu_share> gpus() const { return of_->gpus(); }
  /// Asked to stop where the call is cancelled, is over its time, or the session ends.
  [[nodiscard]] std::stop_token stop_token() const { return of_->stop_token(); }

 private:
  detail::task_context* of_;
};

/// True on a thread that runs a task.
bool in_task();
/// Throws usage_error outside of tasks.
task_view this_task();

}  // namespace fabric
