#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fabric {

/// An integer that names one kind of thing; ids of two kinds do not mix.
template <class Tag>
struct strong_id {
  std::uint64_t value = 0;

  auto operator<=>(const strong_id&) const = default;
};

/// A machine's membership: the first 8 bytes (big endian) of BLAKE2b-256 of its CURVE public key.
using node_id = strong_id<struct node_tag>;
/// A submission, numbered from 1 by the head in the order of submission.
using job_id = strong_id<struct job_tag>;
/// One connection of a peer: head epoch << 32 | running number. A reconnect gets a new one.
using session_id = strong_id<struct session_tag>;
/// One start of a node's daemon (random).
using incarnation_id = strong_id<struct incarnation_tag>;
/// One run of a program that uses the library (random, never 0).
using program_id = strong_id<struct program_tag>;
/// A request of one client; chosen by the client, unique within its session.
using request_id = strong_id<struct request_tag>;

/// One task of a job. Jobs that are not arrays have the single index 0.
struct task_id {
  job_id job;
  std::uint32_t index = 0;

  auto operator<=>(const task_id&) const = default;
};

/// One start of a task. Numbered from 1 for each task; the number is the fence: a later attempt
/// has a higher one, and only the latest one's result is recorded.
using attempt_number = std::uint32_t;

struct attempt_id {
  task_id task;
  attempt_number attempt = 0;

  auto operator<=>(const attempt_id&) const = default;
};

/// 16 lower-case hexadecimal digits.
std::string to_string(node_id id);
/// 16 lower-case hexadecimal digits.
std::string to_string(program_id id);
/// Decimal.
std::string to_string(job_id id);
/// "17.3". A shell that knows the job to be no array prints the job alone.
std::string to_string(task_id id);
/// "17.3#2".
std::string to_string(attempt_id id);

/// A job ("17") or one task of it ("17.3"), as typed by a person. Each has one spelling: no sign,
/// no leading zero; there is no job 0.
struct job_or_task {
  job_id job;
  std::optional<std::uint32_t> index;
};
std::optional<job_or_task> parse_job_or_task(std::string_view text);
/// Reads what `to_string` writes, and nothing else.
std::optional<node_id> parse_node_id(std::string_view text);

}  // namespace fabric

template <class Tag>
struct std::hash<fabric::strong_id<Tag>> {
  std::size_t operator()(const fabric::strong_id<Tag>& id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value);
  }
};
template <>
struct std::hash<fabric::task_id> {
  std::size_t operator()(const fabric::task_id& id) const noexcept {
    return std::hash<std::uint64_t>{}(id.job.value * 0x9E3779B97F4A7C15ULL + id.index);
  }
};
template <>
struct std::hash<fabric::attempt_id> {
  std::size_t operator()(const fabric::attempt_id& id) const noexcept {
    return std::hash<fabric::task_id>{}(id.task) * 31 + id.attempt;
  }
};
