#pragma once

#include <memory>
#include <string>

#include "fabric/options.hpp"
#include "scheduler/calls/call.hpp"

namespace fabric::detail {

/// What the calls of one submission have in common, checked.
struct call_terms {
  std::string name;
  error_kinds retry_on;
  bool (*retry_if)(const failure&) = nullptr;
  calls::call_rules rules;
  calls::pool_shape shape;
  std::vector<any_future> after;

  /// A `retry_if` that throws does not agree.
  [[nodiscard]] bool may_retry(const failure& why) const noexcept;
};

/// Throws usage_error where an option makes no sense, naming it and its value.
call_terms checked_terms(const call_options& how, std::string_view function);

/// True where `how` says nothing.
bool is_default(const call_options& how);

[[noreturn]] void throw_usage(std::string what);

}  // namespace fabric::detail
