#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

#include "fabric/error.hpp"
#include "fabric/object.hpp"
#include "fabric/pack.hpp"

/// What futures share. Not for programs.
namespace fabric::detail {

class desk;
class task_context;
struct function_entry;
struct call_terms;
struct line_place;

/// Owns one count of something that has `add_ref` and `release`.
template <class T>
class counted {
 public:
  counted() = default;
  /// Takes over a count that is there already.
  explicit counted(T* owned) : it_(owned) {}
  counted(const counted& b) : it_(b.it_) {
    if (it_ != nullptr) it_->add_ref();
  }
  counted(counted&& b) noexcept : it_(std::exchange(b.it_, nullptr)) {}
  template <class U>
  requires std::derived_from<U, T> counted(counted<U> b) : it_(b.drop()) {}
  counted& operator=(counted b) noexcept {
    std::swap(it_, b.it_);
    return *this;
  }
  ~counted() {
    if (it_ != nullptr) it_->release();
  }
  static counted sharing(T* it) {
    if (it != nullptr) it->add_ref();
    return counted{it};
  }

  T* get() const { return it_; }
  T* operator->() const { return it_; }
  T& operator*() const { return *it_; }
  explicit operator bool() const { return it_ != nullptr; }
  T* drop() { return std::exchange(it_, nullptr); }

 private:
  T* it_ = nullptr;
};

/// The desk is known by name only here.
void add_ref_of(desk* d);
void release_of(desk* d);
class desk_ref {
 public:
  desk_ref() = default;
  explicit desk_ref(desk* d) : it_(d) {
    if (it_ != nullptr) add_ref_of(it_);
  }
  desk_ref(const desk_ref& b) : desk_ref(b.it_) {}
  desk_ref(desk_ref&& b) noexcept : it_(std::exchange(b.it_, nullptr)) {}
  desk_ref& operator=(desk_ref b) noexcept {
    std::swap(it_, b.it_);
    return *this;
  }
  ~desk_ref() {
    if (it_ != nullptr) release_of(it_);
  }
  desk* get() const { return it_; }
  desk* operator->() const { return it_; }
  explicit operator bool() const { return it_ != nullptr; }

 private:
  desk* it_ = nullptr;
};

/// Something to run when a state is complete.
class callback {
 public:
  virtual ~callback() = default;
  virtual void run() noexcept = 0;
};
template <class Fn>
class callback_of final : public callback {
 public:
  explicit callback_of(Fn fn) : fn_(std::move(fn)) {}
  void run() noexcept override { fn_(); }

 private:
  Fn fn_;
};
template <class Fn>
std::unique_ptr<callback> make_callback(Fn fn) {
  return std::make_unique<callback_of<Fn>>(std::move(fn));
}

enum class phase : std::uint8_t { pending, succeeded, failed };

/// A result to be, and for a call of a function also its arguments. Shared by futures, the desk and
/// whoever runs it. The value and the attempt's failure belong to whoever runs the attempt until
/// its end was reported; `phase` publishes them.
class state_base {
 public:
  explicit state_base(desk_ref owner) : owner_(std::move(owner)) {}
  state_base(const state_base&) = delete;
  state_base& operator=(const state_base&) = delete;

  void add_ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  [[nodiscard]] bool is_shared() const { return references_.load(std::memory_order_acquire) > 1; }

  [[nodiscard]] phase now() const { return phase_.load(std::memory_order_seq_cst); }
  [[nodiscard]] const desk_ref& owner() const { return owner_; }
  /// Of the book; 0 for what is no call of a function.
  std::uint64_t call = 0;
  std::shared_ptr<const call_terms> terms;

  /// False where the time is up before the state is complete. A limit below 0 is none. Within a
  /// task the task's slot is lent meanwhile. Throws usage_error in a child of fork.
  bool wait(std::chrono::nanoseconds limit);
  void on_done(std::unique_ptr<callback> what);
  void cancel(bool hard);
  /// Precondition: failed.
  [[nodiscard]] const failure& why() const { return *why_; }

  /// For the one who completes it. `publish` makes it seen; `tell` wakes those who wait, without
  /// any lock held. The first of several to `claim` it completes it.
  bool claim() { return !is_claimed_.exchange(true, std::memory_order_acq_rel); }
  void publish(std::unique_ptr<failure> why);
  void tell();
  /// All three; nothing where it was claimed before.
  void complete(std::unique_ptr<failure> why);

  // What a call of a function does in addition.
  virtual const function_entry* function() const { return nullptr; }
  virtual void dependencies(std::vector<state_base*>&) const {}
  virtual void pack_arguments(writer&) const {}
  /// Of the arguments that are there.
  virtual void note_arguments(data_site&) const {}
  virtual void note_result(data_site&) const {}
  /// Runs the function once on the arguments; `keep` them for another attempt. Leaves the value or
  /// `attempt_failure`.
  virtual void run(task_context&, bool /*keep*/) {}
  /// A result that came as bytes; false where it is no value of the type. Throws where it is an
  /// object that cannot be had. `take_outcome` does all of that.
  virtual bool take_result(reader&) { return false; }
  virtual const std::type_info& result_type() const = 0;
  /// Of a call of an actor's method; nullptr for all else.
  virtual line_place* place_in_line() { return nullptr; }

  /// Name of the node that its last attempt ran on; stays for the life of the process.
  std::string_view node;
  std::unique_ptr<failure> attempt_failure;
  /// What its packed arguments refer to, for as long as somebody may read them.
  void keep_for_others(std::vector<carried_hold> what) {
    kept_for_others_ =
        what.empty() ? nullptr : std::make_unique<std::vector<carried_hold>>(std::move(what));
  }

 protected:
  virtual ~state_base() = default;

 private:
  std::atomic<std::uint32_t> references_{1};
  std::atomic<phase> phase_{phase::pending};
  std::atomic<bool> has_interest_{false};
  std::atomic<bool> is_claimed_{false};
  std::unique_ptr<failure> why_;
  std::unique_ptr<std::vector<carried_hold>> kept_for_others_;
  std::vector<std::unique_ptr<callback>> callbacks_;
  desk_ref owner_;
};

template <class R>
using stored = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

/// What can only be moved is packed and unpacked, as on its way to another process; where it cannot
/// be packed either (a callback made it) it is moved out. Throws task_error (bad_result).
template <class T>
T copy_of(T& value) {
  if constexpr (can_be_copied<T>()) {
    return value;
  } else if constexpr (packable<T>) {
    auto copy = unpack<T>(pack(value));
    if (!copy) throw_failure({.kind = error_kind::bad_result, .what = copy.error().detail});
    return std::move(copy).value();
  } else {
    return std::move(value);
  }
}

/// What this thread unpacks while it lives is for the futures of this session.
class unpacking_for {
 public:
  explicit unpacking_for(desk* whom);
  unpacking_for(const unpacking_for&) = delete;
  unpacking_for& operator=(const unpacking_for&) = delete;
  ~unpacking_for();
  /// nullptr where it is said nowhere.
  static desk* now();

 private:
  desk* before_;
};

template <class R>
class value_state : public state_base {
 public:
  using state_base::state_base;
  const std::type_info& result_type() const override { return typeid(R); }
  bool take_result([[maybe_unused]] reader& from) override {
    if constexpr (packable<stored<R>>) {  // what callbacks make need not travel
      const unpacking_for these{owner().get()};
      value.emplace(unpack_argument<stored<R>>(from));
      from.finish();
      return from.ok();
    }
    return false;
  }

  void note_result(data_site& where) const override {
    if (value) note_value(where, *value);
  }

  std::optional<stored<R>> value;
};

}  // namespace fabric::detail
