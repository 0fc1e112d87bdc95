#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fabric/ids.hpp"
#include "fabric/instant.hpp"
#include "transport/codec_fields.hpp"
#include "transport/codec_text.hpp"
#include "transport/codec_tokens.hpp"

/// Tokens to structs. Private to the codec.
namespace fabric::transport::codec {

inline constexpr std::int64_t milli_max = 1'000'000'000'000'000'000;     // 10^15 units
inline constexpr std::int64_t duration_max_us = 10'000'000'000'000'000;  // about 300 years
inline constexpr std::int64_t instant_max_us = std::int64_t{1} << 62;    // or `never`

/// Reads values one after the other. After the first failure every call does nothing; `why` says
/// what was wrong. A token list holds whole values only, so a reader that takes what it was
/// promised cannot run past the end.
class reader {
 public:
  explicit reader(const std::vector<token>& tokens) : tokens_(tokens) {}

  [[nodiscard]] bool ok() const { return why_.empty(); }
  [[nodiscard]] std::string_view why() const { return why_; }
  [[nodiscard]] bool at_end() const { return at_ == tokens_.size(); }

  void get(bool& v) {
    if (const token* t = take(token_kind::boolean, "a truth value is expected")) v = t->number != 0;
  }

  template <std::unsigned_integral T>
  void get(T& v) {
    const token* t = take(token_kind::natural, "a number that is not negative is expected");
    if (t == nullptr) return;
    if (t->number > std::numeric_limits<T>::max()) return fail("a number is too large");
    v = static_cast<T>(t->number);
  }

  template <std::signed_integral T>
  void get(T& v) {
    std::int64_t wide = 0;
    if (!get_signed(wide)) return;
    if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max())
      return fail("a number is out of range");
    v = static_cast<T>(wide);
  }

  template <class Tag>
  void get(strong_id<Tag>& v) {
    get(v.value);
  }

  void get(milli& v) { v.value = get_bounded(milli_max, "an amount is out of range"); }
  void get(duration& v) {
    v = duration{get_bounded(duration_max_us, "a duration is out of range")};
  }
  void get(instant& v) {
    std::int64_t us = 0;
    if (!get_signed(us)) return;
    if ((us < 0 || us > instant_max_us) && us != never.time_since_epoch().count())
      return fail("an instant is out of range");
    v = instant{duration{us}};
  }

  /// Newer peers may name codes that are not known here.
  void get(fault_code& v) { v = fault_code_named(get_text()); }

  void get(std::string& v) {
    if (const token* t = take_string()) v.assign(t->data, t->size);
  }
  void get(std::string& v, text_mark) { v.assign(get_text()); }

  void get(task_id& v) {
    if (open(token_kind::array, 2)) get(v.job), get(v.index);
  }
  void get(attempt_id& v) {
    if (open(token_kind::array, 3)) get(v.task.job), get(v.task.index), get(v.attempt);
  }
  void get(gpu_share& v) {
    if (open(token_kind::array, 2)) get(v.id, text), get(v.share);
  }
  void get(label_condition& v);
  void get(resource_set& v);
  void get(label_map& v);
  void get(demand& v);
  void get(capacity& v);

  template <class A, class B>
  void get(std::pair<A, B>& v) {
    if (open(token_kind::array, 2)) get(v.first), get(v.second);
  }

  template <class T>
  void get(std::vector<T>& v, auto... mark) {
    const token* t = take(token_kind::array, "an array is expected");
    if (t == nullptr) return;
    v.clear();
    v.reserve(t->size);
    for (std::uint32_t i = 0; i < t->size && ok(); ++i) get(v.emplace_back(), mark...);
  }

  template <class T>
  void get(std::optional<T>& v, auto... mark) {
    if (ok() && at_ < tokens_.size() && tokens_[at_].kind == token_kind::nil) {
      ++at_;
      v.reset();
    } else {
      get(v.emplace(), mark...);
    }
  }

  template <described T>
  void get(T& m) {
    get_fields(m);
  }

 private:
  /// Field numbers ascend, so that none can come twice and one pass over the description is enough.
  /// Numbers that are not described are a later minor version's and are skipped.
  template <class T>
  void get_fields(T& m) {
    const token* t = take(token_kind::map, "a map is expected");
    if (t == nullptr) return;
    keys left{t->size, 0, false};
    next(left);
    each_field(m, [&](int n, auto& f, auto... mark) {
      const auto number = static_cast<std::uint64_t>(n);
      while (left.has && left.key < number) skip(), next(left);
      if (left.has && left.key == number) get(f, mark...), next(left);
    });
    while (left.has) skip(), next(left);
  }

  struct keys {
    std::uint32_t pairs;  ///< not yet begun
    std::uint64_t key;
    bool has;  ///< `key` stands before its value
  };
  void next(keys& left);
  void skip();

  void fail(std::string_view why) {
    if (ok()) why_ = why;
  }
  const token* take(token_kind kind, std::string_view otherwise);
  const token* take_string();
  bool open(token_kind kind, std::uint32_t size);
  bool get_signed(std::int64_t& v);
  std::int64_t get_bounded(std::int64_t max, std::string_view otherwise);
  std::string_view get_text();

  const std::vector<token>& tokens_;
  std::size_t at_ = 0;
  std::string_view why_;
};

}  // namespace fabric::transport::codec
