#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "transport/codec.hpp"

/// Whatever the bytes: decoding answers, and what was understood is understood again after encoding.
namespace {

using namespace fabric::transport;

void require(bool claim) {
  if (!claim) std::abort();
}

std::span<const std::byte> bytes_of(std::string_view s) { return std::as_bytes(std::span{s}); }

void check_frame(std::string_view text) {
  const auto first = decode(bytes_of(text));
  if (!first) return;
  std::string again;
  std::size_t known = 0;
  for (const auto& one : *first)
    if (const auto* read = std::get_if<envelope>(&one)) {
      append(again, read->head, read->body);
      ++known;
    }
  if (known == 0) return;
  const auto second = decode(bytes_of(again));
  require(second.has_value());
  require(second->size() == known);
  auto next = second->begin();
  for (const auto& one : *first)
    if (std::holds_alternative<envelope>(one)) require(one == *next++);
}

/// `decode` read `text` as the type that `encode` takes.
void check_value(std::string_view text, auto decode_one) {
  const auto first = decode_one(text);
  if (!first) return;
  const std::string again = encode(*first);
  const auto second = decode_one(again);
  require(second.has_value());
  require(*second == *first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_frame(text);
  check_value(text, [](std::string_view s) { return decode_command_work(s); });
  check_value(text, [](std::string_view s) { return decode_task_report(s); });
  check_value(text, [](std::string_view s) { return decode_spawner_message(bytes_of(s)); });
  return 0;
}
