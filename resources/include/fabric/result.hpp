#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "fabric/fault.hpp"

namespace fabric {

/// Either a `T` or the fault that prevented it. The member names are those of `std::expected`
/// (C++23), so that a later switch is an alias. Reading the wrong side throws
/// `std::bad_variant_access`, which nothing catches: it is a mistake of ours.
template <class T>
class [[nodiscard]] result {
 public:
  using value_type = T;

  result(T value) : side_(std::in_place_index<0>, std::move(value)) {}
  result(fault why) : side_(std::in_place_index<1>, std::move(why)) {}

  [[nodiscard]] bool has_value() const { return side_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return std::get<0>(side_); }
  const T& value() const& { return std::get<0>(side_); }
  T&& value() && { return std::get<0>(std::move(side_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  fault& error() & { return std::get<1>(side_); }
  const fault& error() const& { return std::get<1>(side_); }
  fault&& error() && { return std::get<1>(std::move(side_)); }

  template <class U>
  T value_or(U&& otherwise) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(otherwise));
  }

 private:
  std::variant<T, fault> side_;
};

/// Success without a value, or a fault.
template <>
class [[nodiscard]] result<void> {
 public:
  using value_type = void;

  result() = default;
  result(fault why) : failed_(true), why_(std::move(why)) {}

  [[nodiscard]] bool has_value() const { return !failed_; }
  explicit operator bool() const { return has_value(); }

  fault& error() & { return why_; }
  const fault& error() const& { return why_; }
  fault&& error() && { return std::move(why_); }

 private:
  bool failed_ = false;
  fault why_{};
};

}  // namespace fabric
