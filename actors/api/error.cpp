#include "fabric/error.hpp"

#include <cxxabi.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <typeinfo>

#include "actors/api/invoke.hpp"
#include "fabric/pack.hpp"

namespace fabric {

namespace {

struct entry {
  std::string_view name;
  fault_code code;
};

// In the order of the enumeration, from 1.
constexpr std::array<entry, 22> table = {{
    {"task_failed", fault_code::task_failed},
    {"lost", fault_code::node_lost},
    {"cancelled", fault_code::cancelled},
    {"timed_out", fault_code::timed_out},
    {"unknown_function", fault_code::not_found},
    {"bad_arguments", fault_code::bad_message},
    {"bad_result", fault_code::bad_message},
    {"session_closed", fault_code::cancelled},
    {"infeasible", fault_code::no_such_resource},
    {"key_conflict", fault_code::key_conflict},
    {"dependency_failed", fault_code::task_failed},
    {"usage", fault_code::usage},
    {"unsupported", fault_code::unsupported},
    {"wait_timed_out", fault_code::timed_out},
    {"actor_gone", fault_code::not_found},
    {"outcome_unknown", fault_code::timeout_unknown},
    {"name_taken", fault_code::key_conflict},
    {"busy", fault_code::busy},
    {"not_found", fault_code::not_found},
    {"object_lost", fault_code::not_found},
    {"store_full", fault_code::store_full},
    {"store_failed", fault_code::store_failed},
}};

const entry& entry_of(error_kind kind) {
  static constexpr entry unknown{"unknown", fault_code::internal};
  const auto at = static_cast<std::size_t>(kind) - 1;  // a kind that travelled may be a newer one
  return at < table.size() ? table[at] : unknown;
}

std::string line_of(const failure& why) {
  std::string line{name_of(code_of(why.kind))};
  line += ": ";
  if (!why.function.empty()) line += why.function + ": ";
  if (!why.type.empty()) line += why.type + ": ";
  line += why.what;
  if (why.attempt != 0) {
    line += " (attempt " + std::to_string(why.attempt);
    if (!why.node.empty()) line += " on " + why.node;
    line += ")";
  }
  for (char& c : line)  // what an exception says may have several
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return line;
}

std::string demangled(const std::type_info* type) {
  return type == nullptr ? "unknown" : detail::demangled_name(type->name());
}

}  // namespace

std::string detail::demangled_name(const char* mangled) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name{
      abi::__cxa_demangle(mangled, nullptr, nullptr, &status), std::free};
  return status == 0 ? name.get() : mangled;
}

std::string_view name_of(error_kind kind) { return entry_of(kind).name; }

fault_code code_of(error_kind kind) { return entry_of(kind).code; }

error::error(failure why) : std::runtime_error(line_of(why)), why_(std::move(why)) {}

void throw_failure(failure why) {
  switch (why.kind) {
    case error_kind::lost: throw lost_error{std::move(why)};
    case error_kind::cancelled:
    case error_kind::session_closed: throw cancelled_error{std::move(why)};
    case error_kind::timed_out: throw timeout_error{std::move(why)};
    case error_kind::wait_timed_out: throw wait_error{std::move(why)};
    case error_kind::actor_gone:
    case error_kind::outcome_unknown: throw actor_error{std::move(why)};
    case error_kind::object_lost:
    case error_kind::store_full:
    case error_kind::store_failed: throw object_error{std::move(why)};
    case error_kind::name_taken:
    case error_kind::busy:
    case error_kind::not_found:
    case error_kind::usage:
    case error_kind::key_conflict:
    case error_kind::unsupported: throw usage_error{std::move(why)};
    default: throw task_error{std::move(why)};
  }
}

failure failure_of(std::exception_ptr thrown) {
  failure why;
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const object_error& e) {
    why = e.why();
  } catch (const error& e) {
    why = e.why();
    why.type = demangled(abi::__cxa_current_exception_type());
    why.what = e.what();
    why.kind = error_kind::task_failed;
  } catch (const std::exception& e) {
    why.type = demangled(abi::__cxa_current_exception_type());
    why.what = e.what();
  } catch (...) {
    why.type = demangled(abi::__cxa_current_exception_type());
    why.what = "an exception that is no std::exception";
  }
  return why;
}

}  // namespace fabric
