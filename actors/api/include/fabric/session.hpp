#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "fabric/actor.hpp"
#include "fabric/detail_call.hpp"

namespace fabric {

class optimizing;

/// The futures of a batch, in the order of its calls.
template <class T>
class [[nodiscard]] futures : public std::vector<future<T>> {
 public:
  using std::vector<future<T>>::vector;

  /// All results, or the first failure in the order of the calls. Waits for all in any case.
  auto get() const& { return futures(*this).get(); }
  /// Moved out of futures that nobody else has.
  auto get() && {
    wait();
    if constexpr (std::is_void_v<T>) {
      for (const auto& f : *this) f.get();
    } else {
      std::vector<T> all;
      all.reserve(this->size());
      for (auto& f : *this) all.push_back(std::move(f).get());
      return all;
    }
  }
  void wait() const {
    for (const auto& f : *this) f.wait();
  }
  void cancel(kill how = kill::softly) const {
    for (const auto& f : *this) f.cancel(how);
  }
};

/// Where this process keeps objects (`put`). Limits hold from the first process of this user that
/// opens a store of this name until the last one is gone; what is not said is taken from
/// $FABRIC_OBJECTS, as "name=a,memory=4GiB,disk=/scratch,disk_bytes=100GiB".
struct object_options {
  std::string name{};            ///< stores of other names share nothing; "default"
  std::int64_t memory = -1;      ///< bytes; 30 % of the machine's
  std::string disk{};            ///< folder for what memory has no room for; "/var/tmp"
  std::int64_t disk_bytes = -1;  ///< there; all but a twentieth of the disk

  bool operator==(const object_options&) const = default;
};

/// What a session in this process has to give; -1 and empty fields are detected.
struct session_options {
  double cpus = -1;
  int gpus = -1;
  std::int64_t memory = -1;  ///< bytes
  std::vector<std::pair<std::string, double>> resources{};
  std::string labels{};   ///< "zone=home,disk=ssd"
  std::string cluster{};  ///< the file that `fabricd start --head` wrote: use that cluster instead
  object_options objects{};
};

/// A program's connection to where its calls run: threads of this process, or a cluster. Calls are
/// owned by it. Ends with `shutdown` or its destructor: calls that are not over then are cancelled
/// (`get` throws session_closed), and running functions are waited for, so long ones should look at
/// their stop token. Futures outlive it. All members may be called from any thread; two sessions of
/// one process share nothing. A child of fork has no session: what it does with one throws.
class session {
 public:
  explicit session(detail::desk_ref desk) : desk_(std::move(desk)) {}
  session(session&& b) noexcept : desk_(std::move(b.desk_)), is_guest_(b.is_guest_) {}
  session& operator=(session&& b) noexcept {
    std::swap(desk_, b.desk_);
    std::swap(is_guest_, b.is_guest_);
    return *this;
  }
  ~session();

  /// One call. A `future<X>` may stand where an X is expected: the call starts when it is there,
  /// and fails where it fails. Throws usage_error (kinds usage, unknown_function, key_conflict);
  /// all else that goes wrong is the future's.
  template <class Fn, class... A>
  requires(!std::is_same_v<std::remove_cvref_t<Fn>, call_options>) auto submit(Fn fn, A&&... args) {
    return submit(call_options{}, std::move(fn), std::forward<A>(args)...);
  }
  template <class Fn, class... A>
  auto submit(const call_options& how, Fn fn, A&&... args) {
    using result = typename detail::signature_of<Fn>::result;
    auto call = detail::make_call(desk(), detail::entry_of(fn), fn, std::forward<A>(args)...);
    if (how.key.empty()) {
      detail::state_base* one = call.get();
      detail::submit_calls(*desk_.get(), how, &one, 1);
      return future<result>{std::move(call)};
    }
    auto made = detail::submit_call(*desk_.get(), how, std::move(call));
    return future<result>{detail::counted<detail::value_state<result>>{
        static_cast<detail::value_state<result>*>(made.drop())}};
  }

  /// One call for each element of the ranges, which are equally long. Much cheaper than as many
  /// `submit`s.
  template <class Fn, class First, class... Ranges>
  requires(!std::is_same_v<std::remove_cvref_t<Fn>, call_options>) auto map(
      Fn fn, const First& first, const Ranges&... ranges) {
    return map(call_options{}, std::move(fn), first, ranges...);
  }
  template <class Fn, class First, class... Ranges>
  auto map(const call_options& how, Fn fn, const First& first, const Ranges&... ranges) {
    using result = typename detail::signature_of<Fn>::result;
    const auto* entry = detail::entry_of(fn);
    std::vector<detail::state_base*> calls;
    futures<result> all;
    if constexpr (requires { std::size(first); }) {
      calls.reserve(std::size(first));
      all.reserve(std::size(first));
    }
    const auto make = [&](auto at, auto... others) {
      for (; at != std::end(first); ++at, (static_cast<void>(++others), ...)) {
        if ((... || (others == std::end(ranges)))) detail::throw_uneven_ranges();
        auto call = detail::make_call(desk(), entry, fn, *at, *others...);
        calls.push_back(call.get());
        all.emplace_back(std::move(call));
      }
      if (!(... && (others == std::end(ranges)))) detail::throw_uneven_ranges();
    };
    make(std::begin(first), std::begin(ranges)...);
    detail::submit_calls(*desk_.get(), how, calls.data(), calls.size());
    return all;
  }

  /// Makes an actor: `s.spawn<counter>({.name = "hits"}, 0)`. It may be called at once: calls wait
  /// until it lives. Throws usage_error (usage, unknown_function, name_taken, unsupported); what
  /// goes wrong later is told by its calls and monitors. `future<X>` may stand for an X.
  template <class T, class... A>
  actor<T> spawn(const actor_options& how, A&&... args) {
    const auto* entry = detail::find_class(typeid(T));
    if (entry == nullptr) detail::throw_unregistered_class(typeid(T));
    auto given = detail::make_birth(
        desk(), static_cast<typename detail::constructor_of<T>::parameters*>(nullptr),
        std::forward<A>(args)...);
    return actor<T>{
        detail::handle{detail::spawn_actor(*desk_.get(), how, *entry, std::move(given))}};
  }
  template <class T>
  actor<T> spawn() {
    return spawn<T>(actor_options{});
  }
  /// The actor of this name, of any program of the cluster. Waits for so long where there is none
  /// yet. Throws usage_error (not_found).
  template <class T>
  actor<T> find_actor(std::string_view name, std::string_view name_space = {},
                      std::chrono::nanoseconds wait = {}) {
    return actor<T>{detail::handle{detail::find_actor(*desk().get(), name, name_space, wait)}};
  }
  /// A group for actors of this session.
  actor_group make_group(supervision how, restart_rules restarts);

  /// `fabric::put`.
  template <class T>
  auto put(const T& value) {
    detail::check_use(*desk().get());
    return fabric::put(value);
  }

  /// Ends the session, see above. A second call does nothing.
  void shutdown();
  /// Calls that are not over.
  [[nodiscard]] std::size_t open_calls() const;

 private:
  friend session this_session();
  friend class optimizing;
  const detail::desk_ref& desk() const;

  detail::desk_ref desk_;
  bool is_guest_ = false;  // does not end what it refers to
};

/// Within a task: the session that its own calls go to. In this process it is the one that the task
/// belongs to; in a worker process it is the worker's, whose calls are owned by the worker and end
/// with it. Its destructor ends nothing. Throws usage_error outside of tasks.
session this_session();

/// A session in this process, or in the cluster that `--cluster FILE` or $FABRIC_CLUSTER names.
/// Other arguments are left to the program. Throws usage_error where two functions are registered
/// under one name or the options make no sense.
session init(int argc, char** argv, session_options how = {});
/// As above, without a command line.
session init(session_options how = {});

}  // namespace fabric
