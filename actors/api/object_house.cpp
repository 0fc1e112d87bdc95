#include "actors/api/object_house.hpp"

#include <utility>

#include "actors/api/desk.hpp"
#include "actors/api/object_settings.hpp"
#include "actors/api/terms.hpp"

namespace fabric::detail {

namespace {

result<objects::store_options> options_said(const object_options& how) {
  auto given = objects::settings_of_environment();
  if (!given) return given.error();
  return store_options_of(how, std::move(*given));
}

}  // namespace

object_house& object_house::here() {
  static auto* const house = new object_house;  // references may outlive everything that is static
  return *house;
}

void object_house::configure(const object_options& how) {
  auto options = options_said(how);
  if (!options) throw_usage(to_line(options.error()));
  const std::lock_guard lock(mutex_);
  if (how == object_options{} && options_ && users_ > 0) return;
  if (const auto open = store_.lock(); open && open->how.instance != options->instance)
    throw_usage("this process has the object store '" + open->how.instance +
                "' open, so a session cannot have '" + options->instance + "'");
  options_ = std::move(*options);
}

void object_house::enter() {
  const std::lock_guard lock(mutex_);
  ++users_;
}

void object_house::leave() {
  std::shared_ptr<open_store> last;  // goes without the lock
  const std::lock_guard lock(mutex_);
  if (--users_ > 0) return;
  last = std::exchange(kept_, nullptr);
  options_.reset();
}

bool object_house::is_entered() const {
  const std::lock_guard lock(mutex_);
  return users_ > 0;
}

std::shared_ptr<open_store> object_house::store() {
  const std::lock_guard lock(mutex_);
  auto open = store_.lock();
  if (open && open->forks != forks_so_far())
    throw_usage("objects are used in a child of fork; sessions do not outlive fork");
  if (!open) {
    if (!options_) {
      auto usual = options_said({});
      if (!usual) throw_usage(to_line(usual.error()));
      options_ = std::move(*usual);
    }
    auto opened = objects::host_store::open(*options_);
    if (!opened) throw_store_fault(opened.error());
    open = std::make_shared<open_store>(std::move(*opened), *options_, forks_so_far());
    store_ = open;
  }
  if (users_ > 0) kept_ = open;
  return open;
}

object_hold object_house::put(std::span<const std::byte> bytes, object_layout how) {
  auto store = this->store();
  const auto id = objects::random_object_id();
  auto put_it = [&] { return store->store->put(id, bytes); };
  auto held = put_it();
  if (!held && held.error().code == fault_code::store_full)
    if (const auto link = usual_way().link.lock()) {
      link->drop_spares();
      auto again = put_it();
      held = std::move(again);
    }
  if (!held) throw_store_fault(held.error());
  const object_address where{id, bytes.size(), how, store->name, id, 0};
  return enlist(std::make_shared<object_body>(where, std::move(store), std::move(*held)));
}

object_hold object_house::take_up(const object_address& where, const object_way& by) {
  auto already = known(where.id);
  if (already && already->is_here()) return already;
  auto store = this->store();
  if (where.store == store->name) {
    auto held = store->store->hold(where.stored_as);
    if (held && already) already->arrive(std::move(store), std::move(*held));
    if (already) return already;
    if (held)
      return enlist(std::make_shared<object_body>(where, std::move(store), std::move(*held)));
    // Whoever sent the reference may have taken the object over.
    if (by.from != 0 && !by.link.expired()) return enlist(std::make_shared<object_body>(where, by));
    return enlist(std::make_shared<object_body>(where, failure_of_store(held.error())));
  }
  if (already) {
    already->offer(where, by);
    return already;
  }
  if (!by.link.expired()) return enlist(std::make_shared<object_body>(where, by));
  return enlist(std::make_shared<object_body>(
      where, failure{.kind = error_kind::object_lost,
                     .what = "the object " + to_string(where.id) +
                             " lies in the store of another host, and its reference did not come "
                             "by a session"}));
}

void object_house::set_usual_way(object_way by) {
  const std::lock_guard lock(mutex_);
  usual_way_ = std::move(by);
}

object_way object_house::usual_way() const {
  const std::lock_guard lock(mutex_);
  return usual_way_;
}

object_hold object_house::known(const object_id& id) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : found->second.lock();
}

object_id store_of_host() {
  try {
    return object_house::here().store()->name;
  } catch (const error&) {  // whoever needs it is told
    return {};
  }
}

/// The first of several that come at once is everybody's.
object_hold object_house::enlist(object_hold made) {
  const std::lock_guard lock(mutex_);
  auto& place = known_[made->id];
  if (auto already = place.lock()) return already;
  place = made;
  return made;
}

void object_house::forget(const object_id& id) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(id);
  if (found != known_.end() && found->second.expired()) known_.erase(found);
}

}  // namespace fabric::detail
