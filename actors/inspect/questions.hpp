#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/protocol.hpp"

/// What clients may ask of a head, as JSON. Pure functions over the scheduler's views and the
/// store's rows; docs/command-line.md lists the fields.
namespace fabric::actors::inspect {

struct context {
  const scheduler::engine& core;
  const std::string& about;                  ///< JSON object: facts of the head
  const std::vector<std::string>& warnings;  ///< of how the head was started
  const std::optional<fault>& read_only;
  instant at;
  std::int64_t wall_ms;
};

/// An answer that needs the store; it runs on the store's thread and keeps no reference to the
/// core.
using stored_answer = std::function<reply(store::head_store&)>;
std::variant<reply, stored_answer> answer(const context& from, const question& what);

/// Topics that change something ("cancel", "drain", "forget") as the scheduler's event; nothing for
/// a topic that only reads. Faults: usage, not_found.
std::optional<result<scheduler::event_type>> order_of(const context& from, const question& what);

/// On which node the output of an attempt lies.
using stored_location = std::function<log_located(store::head_store&)>;
std::variant<log_located, stored_location> locate(const scheduler::engine& core,
                                                  const locate_log& what);

/// Pushes task_finished for every final task of the job, in batches, and job_finished if it is
/// over.
void replay(store::head_store& rows, const replay_finished& what, bool over,
            const std::function<void(push)>& out);

}  // namespace fabric::actors::inspect
