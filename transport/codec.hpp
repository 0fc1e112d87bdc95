#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "transport/message.hpp"
#include "transport/program_message.hpp"
#include "transport/spawner_message.hpp"
#include "transport/work.hpp"

/// Bytes to messages and back (MessagePack). The only file that knows msgpack is codec.cpp.
namespace fabric::transport {

/// Limits on what is accepted; anything beyond is `bad_message`. Decoding never throws and never
/// allocates more than about 40 times the frame.
inline constexpr std::size_t control_frame_bytes_max = 1 << 20;
inline constexpr std::size_t data_frame_bytes_max = 64 << 20;
inline constexpr std::size_t elements_max = 100'000;  ///< of one array or map
inline constexpr std::size_t depth_max = 16;
inline constexpr std::size_t messages_per_frame_max = 10'000;

struct envelope {
  header head;
  message body;

  bool operator==(const envelope&) const = default;
};

/// A message whose type this version does not know: its header, body skipped.
struct unknown_message {
  header head;

  bool operator==(const unknown_message&) const = default;
};

using received = std::variant<envelope, unknown_message>;

/// A frame is one or more (header map, body map) pairs back to back, so that all messages for one
/// peer that are due at one wake-up share one frame (CURVE costs per frame). Answers why no reader
/// would take the message, as for a name that is not UTF-8; empty where one would.
std::string_view append(std::string& frame, header head, const message& body);

/// Every message of a frame, or bad_message: trailing bytes, wrong types, numbers outside a field's
/// range, duplicate or non-integer keys, invalid UTF-8 in names, limits passed.
result<std::vector<received>> decode(std::span<const std::byte> frame);

std::string encode(const command_work& work);
result<command_work> decode_command_work(std::string_view bytes);
std::string encode(const task_report& report);
result<task_report> decode_task_report(std::string_view bytes);
std::string encode(const spawner::message& m);
result<spawner::message> decode_spawner_message(std::span<const std::byte> bytes);

std::string encode(const program::message& m);
result<program::message> decode_program_message(std::string_view bytes);
std::string encode(const program::channel_frame& frame);
result<program::channel_frame> decode_channel_frame(std::string_view bytes);

/// The number of a message on the wire, and its name for logs ("grant").
std::uint16_t type_of(const message& m);
std::string_view name_of_type(std::uint16_t type);

}  // namespace fabric::transport
