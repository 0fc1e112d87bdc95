#include <utility>

#include "actors/objects/host_store.hpp"

namespace fabric::objects {

handle::handle(std::shared_ptr<attachment> store, const object_id& id, object_ref what,
               std::uint64_t size)
    : store_(std::move(store)), id_(id), what_(what), size_(size) {}

handle::~handle() {
  if (store_) store_->release(what_, hold_kind::handle);
}

handle& handle::operator=(handle&& other) noexcept {
  std::swap(store_, other.store_);
  std::swap(id_, other.id_);
  std::swap(what_, other.what_);
  std::swap(size_, other.size_);
  return *this;
}

filling::filling(std::shared_ptr<attachment> store, const object_id& id, std::uint64_t size,
                 attachment::new_file made)
    : store_(std::move(store)),
      id_(id),
      size_(size),
      what_(made.what),
      file_(std::move(made.file)) {}

filling::~filling() {
  if (store_) store_->abandon(what_);
}

/// Where the file system lacks space, another program has taken it since we asked: objects of ours
/// go to disk until there is enough, or there is nothing left to move.
result<void> filling::with_room(std::uint64_t need, const std::function<result<void>()>& act) {
  for (;;) {
    auto done = act();
    if (done || done.error().code != fault_code::store_full) return done;
    if (!store_->relieve()) return store_->full(need);
  }
}

result<void> filling::write_at(std::uint64_t offset, std::span<const std::byte> part) {
  if (auto ours = store_->check_process(); !ours) return ours;
  if (offset > size_ || part.size() > size_ - offset)
    return fault{fault_code::usage,
                 std::to_string(part.size()) + " bytes at " + std::to_string(offset) +
                     " are beyond the end of an object of " + std::to_string(size_),
                 "create it with its size"};
  auto done = with_room(part.size(), [&] { return write_bytes(file_, offset, part); });
  if (done) store_->note_written(what_, part.size());
  return done;
}

result<std::span<std::byte>> filling::bytes() {
  if (auto ours = store_->check_process(); !ours) return ours.error();
  if (written_in_place_.data() == nullptr) {
    auto reserved = with_room(size_, [&] { return reserve(file_, size_); });
    if (!reserved) return reserved.error();
    store_->note_written(what_, size_);
    auto made = mapping::of(file_, size_, mapping::access::write);
    if (!made) return made.error();
    written_in_place_ = std::move(*made);
  }
  return std::span{written_in_place_.data(), written_in_place_.size()};
}

result<handle> filling::seal() && {
  if (auto ours = store_->check_process(); !ours) return ours.error();
  // A hole would be filled when it is read, by a signal if there is no space then.
  auto whole = with_room(size_, [&] { return reserve_what_is_missing(file_, size_); });
  if (!whole) return whole.error();
  written_in_place_ = {};
  make_read_only(file_);
  if (auto sealed = store_->seal(what_); !sealed) return sealed.error();
  return handle{std::exchange(store_, nullptr), id_, what_, size_};
}

}  // namespace fabric::objects
