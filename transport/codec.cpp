#include "transport/codec.hpp"

#include <array>
#include <exception>
#include <utility>

#include "transport/channel_frame.hpp"
#include "transport/codec_read.hpp"
#include "transport/codec_write.hpp"

namespace fabric::transport {

namespace {

constexpr std::size_t message_types = std::variant_size_v<message>;
constexpr std::size_t tokens_max = 1'000'000;  // of one message: 16 MB of tokens

constexpr std::array<std::string_view, message_types> names = {
    "hello",      "welcome",   "refused",       "unknown_session", "nack",         "goodbye",
    "join",       "joined",    "heartbeat",     "renewed",         "grant",        "started",
    "declined",   "revoke",    "report",        "report_ack",      "submit",       "submitted",
    "failed",     "watch",     "task_finished", "job_finished",    "ask",          "answer",
    "log_read",   "log_chunk", "leaving",       "parcel",          "program_gone", "blob_write",
    "blob_state", "blob_read", "blob_part",     "name_claim",      "name_release", "name_find",
    "name_found", "introduce", "introduced",    "pressed",         "note",         "note_answer"};

template <class T, class Variant>
constexpr std::uint16_t number_in = 0;
template <class T, class... Ts>
constexpr std::uint16_t number_in<T, std::variant<Ts...>> = [] {
  constexpr std::array<bool, sizeof...(Ts)> is = {std::is_same_v<T, Ts>...};
  std::uint16_t n = 0;
  while (!is[n]) ++n;
  return static_cast<std::uint16_t>(n + 1);
}();

fault bad_message(std::string_view what, std::string_view why) {
  return {fault_code::bad_message, std::string{what} + " is not understood: " + std::string{why},
          ""};
}

/// One value after the other of some bytes, each as tokens.
class values {
 public:
  explicit values(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool done() const { return offset_ == bytes_.size(); }
  [[nodiscard]] std::string_view why() const { return why_; }

  /// The tokens live until the next call.
  const std::vector<codec::token>* next() {
    static constexpr codec::token_limits limits{depth_max, elements_max, tokens_max};
    return codec::parse_tokens(bytes_, offset_, limits, tokens_, why_) ? &tokens_ : nullptr;
  }

  template <class T>
  bool next(T& into) {
    if (next() == nullptr) return false;
    codec::reader in(tokens_);
    in.get(into);
    why_ = in.why();
    return in.ok();
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t offset_ = 0;
  std::vector<codec::token> tokens_;
  std::string_view why_;
};

using body_reader = bool (*)(values&, message&);

template <std::size_t... Is>
constexpr std::array<body_reader, message_types> readers_of(std::index_sequence<Is...>) {
  return {[](values& from, message& into) { return from.next(into.emplace<Is>()); }...};
}
constexpr auto readers = readers_of(std::make_index_sequence<message_types>{});

/// Only these two keep their field numbers in every protocol version, so that sides that share no
/// version can still tell each other so.
bool is_understood_across_majors(std::uint16_t type) {
  return type == number_in<hello, message> || type == number_in<refused, message>;
}

result<received> next_message(values& from) {
  header head;
  if (!from.next(head)) return bad_message("a header", from.why());
  if (head.type == 0) return bad_message("a header", "it names no message type");
  if (head.version >> 16 != protocol_major && !is_understood_across_majors(head.type))
    return fault{fault_code::version,
                 "a peer speaks protocol " + std::to_string(head.version >> 16) + ", this side " +
                     std::to_string(protocol_major),
                 "upgrade the older side"};
  if (head.type > message_types) {
    if (from.next() == nullptr) return bad_message("a message of an unknown type", from.why());
    return received{unknown_message{head}};
  }
  received out{envelope{head, {}}};
  if (!readers.at(head.type - 1U)(from, std::get<envelope>(out).body))
    return bad_message(name_of_type(head.type), from.why());
  return out;
}

result<std::vector<received>> all_messages(std::span<const std::byte> frame) {
  std::vector<received> out;
  values from(frame);
  if (from.done()) return bad_message("a frame", "it is empty");
  while (!from.done()) {
    if (out.size() == messages_per_frame_max)
      return bad_message("a frame", "it holds too many messages");
    auto one = next_message(from);
    if (!one) return std::move(one).error();
    out.push_back(std::move(*one));
  }
  return out;
}

template <class T>
std::string encoded(const T& m) {
  std::string out;
  codec::writer(out).put(m);
  return out;
}

/// `read` is called with the only value that the bytes may hold.
template <class T>
result<T> only_value(std::span<const std::byte> bytes, std::string_view what, auto&& read) {
  try {
    T out;
    values from(bytes);
    if (!read(from, out)) return bad_message(what, from.why());
    if (!from.done()) return bad_message(what, "there are bytes behind its end");
    return out;
  } catch (const std::exception&) {
    return bad_message(what, "there is not enough memory for it");
  }
}

template <class T>
result<T> only_value(std::string_view bytes, std::string_view what) {
  return only_value<T>(std::as_bytes(std::span{bytes}), what,
                       [](values& from, T& into) { return from.next(into); });
}

/// The number of one of Variant's structs, then that struct.
template <class Variant>
std::string encoded_one_of(const Variant& m) {
  std::string out;
  codec::writer writer(out);
  writer.put(m.index() + 1);
  std::visit([&](const auto& body) { writer.put(body); }, m);
  return out;
}

template <class Variant, std::size_t... Is>
bool read_body(values& from, std::uint16_t type, Variant& into, std::index_sequence<Is...>) {
  return ((type == Is + 1 && from.next(into.template emplace<Is>())) || ...);
}

template <class Variant>
result<Variant> only_one_of(std::span<const std::byte> bytes, std::string_view what) {
  return only_value<Variant>(bytes, what, [](values& from, Variant& into) {
    std::uint16_t type = 0;
    using indices = std::make_index_sequence<std::variant_size_v<Variant>>;
    return from.next(type) && read_body(from, type, into, indices{});
  });
}

}  // namespace

std::string_view append(std::string& frame, header head, const message& body) {
  head.type = type_of(body);
  codec::writer out(frame);
  out.put(head);
  std::visit([&](const auto& m) { out.put(m); }, body);
  if constexpr (codec::is_later_minor_version)
    if (head.type == number_in<welcome, message>) {
      head.type = codec::later_message;
      out.put(head);
      out.put(refused{});
    }
  return out.objection();
}

result<std::vector<received>> decode(std::span<const std::byte> frame) {
  try {
    return all_messages(frame);
  } catch (const std::exception&) {
    return bad_message("a frame", "there is not enough memory for it");
  }
}

std::string encode(const command_work& work) { return encoded(work); }
result<command_work> decode_command_work(std::string_view bytes) {
  return only_value<command_work>(bytes, "a command");
}

std::string encode(const task_report& report) { return encoded(report); }
result<task_report> decode_task_report(std::string_view bytes) {
  return only_value<task_report>(bytes, "a task's report");
}

std::string encode(const spawner::message& m) { return encoded_one_of(m); }
result<spawner::message> decode_spawner_message(std::span<const std::byte> bytes) {
  return only_one_of<spawner::message>(bytes, "a spawner's message");
}

std::string encode(const program::message& m) { return encoded_one_of(m); }
result<program::message> decode_program_message(std::string_view bytes) {
  return only_one_of<program::message>(std::as_bytes(std::span{bytes}), "a program's message");
}

std::string encode(const program::channel_frame& frame) { return encoded(frame); }
std::string encode(const outgoing_frame& frame) { return encoded(frame); }
result<program::channel_frame> decode_channel_frame(std::string_view bytes) {
  return only_value<program::channel_frame>(bytes, "a channel's frame");
}

std::uint16_t type_of(const message& m) { return static_cast<std::uint16_t>(m.index() + 1); }

std::string_view name_of_type(std::uint16_t type) {
  return type == 0 || type > names.size() ? "unknown" : names.at(type - 1U);
}

}  // namespace fabric::transport
