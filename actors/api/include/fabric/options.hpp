#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "fabric/detail_state.hpp"
#include "fabric/error.hpp"

namespace fabric {

/// A set of kinds of errors.
class error_kinds {
 public:
  constexpr error_kinds(std::initializer_list<error_kind> kinds) {
    for (auto k : kinds) bits_ |= std::uint32_t{1} << static_cast<unsigned>(k);
  }
  bool operator==(const error_kinds&) const = default;
  [[nodiscard]] constexpr bool contains(error_kind k) const {
    return static_cast<unsigned>(k) < 32 && (bits_ >> static_cast<unsigned>(k) & 1) != 0;
  }

 private:
  std::uint32_t bits_ = 0;
};

template <class T>
class future;

/// A future of any type, as something to wait for.
class any_future {
 public:
  template <class T>
  any_future(const future<T>& f) : state_(f.state_) {}
  [[nodiscard]] detail::state_base* state() const { return state_.get(); }

 private:
  detail::counted<detail::state_base> state_;
};

/// How calls are to run. Every field has a default; name those that differ:
/// `s.submit({.cpus = 2, .retries = 3, .time_limit = 5s}, branin, 1.0, 2.0)`.
/// Amounts are rounded to thousandths; what makes no sense is refused with usage_error.
struct call_options {
  double cpus = 1;           ///< 0 is allowed: a call that mostly waits
  double gpus = 0;           ///< whole ones, or a share of one below 1
  std::uint64_t memory = 0;  ///< bytes
  /// Amounts of anything else that nodes have.
  std::vector<std::pair<std::string, double>> resources{};
  std::string labels{};  ///< conditions on the node's labels, as "zone=home,disk!=slow"
  int priority = 0;      ///< -1000 to 1000; higher goes first
  /// How often a call that failed runs again. Workers that are lost under it do not count: three of
  /// these are forgiven.
  std::uint32_t retries = 0;
  std::chrono::microseconds backoff = std::chrono::milliseconds{200};  ///< before the first retry
  error_kinds retry_on = {error_kind::task_failed, error_kind::timed_out};
  /// Where it is given, it also must agree to a retry: `[](const failure& f) { return f.type ==
  /// "net::timeout"; }`. Runs on a thread of the session; one that throws does not agree.
  bool (*retry_if)(const failure&) = nullptr;
  std::chrono::microseconds time_limit{0};  ///< of one attempt; 0 is none
  std::chrono::microseconds deadline{0};    ///< from now on, all attempts; 0 is none
  /// A second call with the same key, function and arguments is not made: it is given the first
  /// one's result. With others it is refused as key_conflict. A call that failed frees its key.
  std::string key{};
  std::vector<any_future> after{};  ///< must have succeeded before; their results are not used
  std::string name{};               ///< for errors and listings; default: the function's
};

}  // namespace fabric
