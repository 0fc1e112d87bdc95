#include "actors/caf_bridge/value_sink.hpp"

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/sec.hpp>
#include <cstdio>
#include <type_traits>

#include "actors/caf_bridge/node_naming.hpp"

namespace fabric::actors {

namespace {

constexpr auto node_mark = static_cast<std::uint64_t>(caf::node_id::default_data::class_id);

/// The elements as little endian, which is this machine's order.
template <class Char>
std::string_view raw(const std::basic_string<Char>& text) {
  return {reinterpret_cast<const char*>(text.data()), text.size() * sizeof(Char)};
}

}  // namespace

value_sink::value_sink(caf::execution_unit* context, program_id local, writer& out)
    : caf::serializer(context), out_(out), local_(local) {}

/// What looked like a node id was none: its parts are ordinary values.
void value_sink::write_seen() {
  if (seen_ == seen::nothing) return;
  out_.natural(node_mark);
  if (seen_ != seen::kind) out_.natural(process_);
  for (std::size_t i = 0; i < host_bytes_; ++i) out_.natural(host_[i]);
  seen_ = seen::nothing;
  host_bytes_ = 0;
}

caf::error value_sink::end_node() {
  seen_ = seen::nothing;
  host_bytes_ = 0;
  const bool is_local = caf::make_node_id(process_, host_) == context()->system().node();
  const auto who = is_local ? local_ : program_of(process_, host_);
  if (!who)
    return caf::make_error(caf::sec::unknown_type,
                           "an actor of another network, which only this process reaches");
  out_.nil();
  out_.natural(who->value);
  return caf::none;
}

caf::error value_sink::finish() {
  write_seen();
  if (out_.is_overflown())
    return caf::make_error(caf::sec::invalid_argument, "a value of more than 4 GiB");
  return caf::none;
}

caf::error value_sink::begin_object(std::uint16_t& number, std::string& name) {
  write_seen();
  out_.natural(number);
  if (number == 0) out_.bytes(name);
  return caf::none;
}

caf::error value_sink::end_object() { return caf::none; }

caf::error value_sink::begin_sequence(std::size_t& size) {
  write_seen();
  out_.natural(size);
  return caf::none;
}

caf::error value_sink::end_sequence() { return caf::none; }

caf::error value_sink::apply_raw(std::size_t bytes, void* data) {
  write_seen();
  out_.bytes({static_cast<const char*>(data), bytes});
  return caf::none;
}

caf::error value_sink::apply_impl(std::uint8_t& v) {
  if (seen_ == seen::process || seen_ == seen::host) {
    seen_ = seen::host;
    host_[host_bytes_++] = v;
    return host_bytes_ == host_.size() ? end_node() : caf::error{};
  }
  write_seen();
  out_.natural(v);
  return caf::none;
}

caf::error value_sink::apply_impl(std::uint32_t& v) {
  if (seen_ == seen::kind) {
    seen_ = seen::process;
    process_ = v;
    return caf::none;
  }
  write_seen();
  out_.natural(v);
  return caf::none;
}

caf::error value_sink::apply_impl(std::uint64_t& v) {
  write_seen();
  if (v == node_mark && context() != nullptr)
    seen_ = seen::kind;
  else
    out_.natural(v);
  return caf::none;
}

caf::error value_sink::apply_impl(std::uint16_t& v) {
  write_seen();
  out_.natural(v);
  return caf::none;
}

caf::error value_sink::apply_impl(std::int8_t& v) {
  write_seen();
  out_.integer(v);
  return caf::none;
}

caf::error value_sink::apply_impl(std::int16_t& v) {
  write_seen();
  out_.integer(v);
  return caf::none;
}

caf::error value_sink::apply_impl(std::int32_t& v) {
  write_seen();
  out_.integer(v);
  return caf::none;
}

caf::error value_sink::apply_impl(std::int64_t& v) {
  write_seen();
  out_.integer(v);
  return caf::none;
}

caf::error value_sink::apply_impl(float& v) {
  write_seen();
  out_.real32(v);
  return caf::none;
}

caf::error value_sink::apply_impl(double& v) {
  write_seen();
  out_.real(v);
  return caf::none;
}

/// As text, in hexadecimal: exact, and the same for all formats.
caf::error value_sink::apply_impl(long double& v) {
  write_seen();
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%La", v);
  out_.bytes({text, static_cast<std::size_t>(size)});
  return caf::none;
}

caf::error value_sink::apply_impl(std::string& v) {
  write_seen();
  out_.bytes(v);
  return caf::none;
}

caf::error value_sink::apply_impl(std::u16string& v) {
  write_seen();
  out_.numbers(number_kind::uint16, raw(v));
  return caf::none;
}

caf::error value_sink::apply_impl(std::u32string& v) {
  write_seen();
  out_.numbers(number_kind::uint32, raw(v));
  return caf::none;
}

}  // namespace fabric::actors
