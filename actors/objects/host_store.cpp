#include "actors/objects/host_store.hpp"

#include <sys/random.h>

#include <algorithm>
#include <utility>

#include "resources/check.hpp"

namespace fabric::objects {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Nobody wakes us when a filler is killed, so that we look for ourselves.
constexpr milliseconds look_again{50};

/// Longer waits are as good as this one, and times do not overflow.
constexpr milliseconds patience_max = std::chrono::hours{24 * 365};

fault not_there(const object_id& id) {
  return {fault_code::not_found, "there is no object " + to_string(id) + " on this host",
          "it was never put here, or its last holder is gone"};
}

fault still_filling(const object_id& id, milliseconds patience) {
  return {patience.count() > 0 ? fault_code::timed_out : fault_code::busy,
          "the object " + to_string(id) + " is still being filled", "wait for longer"};
}

fault fault_of_miss(miss why, const object_id& id, milliseconds patience) {
  return why == miss::absent ? not_there(id) : still_filling(id, patience);
}

milliseconds left_until(steady_clock::time_point until) {
  return std::chrono::ceil<milliseconds>(until - steady_clock::now());
}

}  // namespace

object_id random_object_id() {
  object_id id;
  FABRIC_CHECK(::getrandom(&id, sizeof id, 0) == static_cast<ssize_t>(sizeof id));
  return id;
}

view::view(std::shared_ptr<attachment> store, const object_id& id, attachment::mapped there)
    : store_(std::move(store)),
      id_(id),
      what_(there.what),
      where_(there.where),
      bytes_(std::move(there.bytes)) {}

view::~view() {
  // It counts until it is unmapped, so it is unmapped first.
  bytes_ = {};
  if (store_) store_->release(what_, hold_kind::view);
}

view& view::operator=(view&& other) noexcept {
  std::swap(store_, other.store_);
  std::swap(id_, other.id_);
  std::swap(what_, other.what_);
  std::swap(where_, other.where_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

result<host_store> host_store::open(store_options how) {
  auto store = attachment::open(how);
  if (!store) return store.error();
  return host_store{std::move(*store)};
}

result<void> host_store::remove(const store_options& how, removal which) {
  return remove_store(how, which);
}

result<filling> host_store::create(const object_id& id, std::uint64_t size) {
  auto made = store_->create(id, size);
  if (!made) return made.error();
  return filling{store_, id, size, std::move(*made)};
}

result<handle> host_store::put(const object_id& id, std::span<const std::byte> bytes) {
  auto made = create(id, bytes.size());
  if (!made) return made.error();
  if (auto written = made->write_at(0, bytes); !written) return written.error();
  return std::move(*made).seal();
}

result<view> host_store::find(const object_id& id, milliseconds patience) {
  const auto until = steady_clock::now() + std::min(patience, patience_max);
  for (;;) {
    const auto seen = store_->changes();
    auto why = miss::absent;
    auto there = store_->map(id, why);
    if (!there) return there.error();
    if (*there) return view{store_, id, std::move(**there)};
    const auto left = left_until(until);
    if (patience.count() <= 0 || left.count() <= 0) return fault_of_miss(why, id, patience);
    auto waited = store_->await_change(seen, std::min(left, look_again));
    if (!waited) return waited.error();
    const bool is_silent = store_->changes() == seen;
    if (!is_silent || why != miss::filling) continue;
    if (auto swept = store_->sweep(); !swept) return swept.error();
  }
}

result<view> host_store::map(const handle& held) {
  auto there = find(held.id());
  if (there && there->what_ != held.what_) return not_there(held.id());
  return there;
}

result<handle> host_store::hold(const object_id& id) {
  auto answer = store_->hold(id);
  if (!answer) return answer.error();
  if (const auto* why = std::get_if<miss>(&*answer)) return fault_of_miss(*why, id, {});
  if (const auto* why = std::get_if<refusal>(&*answer)) return store_->refused(*why, id, 0);
  const auto& there = std::get<found>(*answer);
  return handle{store_, id, there.what, there.size};
}

result<bool> host_store::contains(const object_id& id) {
  const auto answer = store_->look(id);
  if (!answer) return answer.error();
  return std::holds_alternative<found>(*answer);
}

result<void> host_store::pin(const object_id& id, const std::string& name) {
  if (name.empty() || name.size() > party_name_max || name.find('\0') != name.npos)
    return fault{fault_code::usage, "a pin's name has 1 to 95 bytes, none of them zero",
                 "shorten it"};
  const auto answer = store_->pin(id, name);
  if (!answer) return answer.error();
  if (std::holds_alternative<miss>(*answer)) return not_there(id);
  if (const auto* why = std::get_if<refusal>(&*answer)) return store_->refused(*why, id, 0);
  return {};
}

result<bool> host_store::unpin(const object_id& id, const std::string& name) {
  return store_->unpin(id, name);
}

result<bool> host_store::drop(const object_id& id) { return store_->drop(id); }

result<store_usage> host_store::usage() {
  auto used = store_->usage();
  if (!used) return used.error();
  const auto& limits = store_->limits();
  return store_usage{std::move(*used), limits.memory_max, limits.disk_max};
}

result<std::size_t> host_store::sweep() { return store_->sweep(); }

}  // namespace fabric::objects
