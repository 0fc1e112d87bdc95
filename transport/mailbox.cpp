#include "transport/mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "transport/carrier.hpp"
#include "transport/codec.hpp"

namespace fabric::transport {

mailbox::mailbox() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

mailbox::~mailbox() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool mailbox::order(std::function<void()> what) {
  const std::lock_guard lock(mutex_);
  if (shut_) return false;
  content_.orders.push_back(std::move(what));
  wake();
  return true;
}

void mailbox::message(connection_id to, std::string& encoded, std::size_t bytes_max) {
  const std::lock_guard lock(mutex_);
  if (shut_) return;
  outbox& box = content_.messages[to];
  if (box.bytes() + encoded.size() > bytes_max)
    content_.closes.emplace_back(to, too_slow(box.bytes()));
  else if (encoded.size() > control_frame_bytes_max)
    box.add_alone(std::move(encoded));
  else
    box.add(encoded);
  wake();
}

void mailbox::close(connection_id which, fault why) {
  const std::lock_guard lock(mutex_);
  if (shut_) return;
  content_.closes.emplace_back(which, std::move(why));
  wake();
}

void mailbox::admit(std::vector<peer_identity> keys) {
  const std::lock_guard lock(mutex_);
  if (shut_) return;
  content_.admitted = std::move(keys);
  wake();
}

void mailbox::nudge() {
  const std::lock_guard lock(mutex_);
  if (shut_) return;
  content_.is_nudged = true;
  wake();
}

void mailbox::hear_nudges() {
  const std::lock_guard lock(mutex_);
  content_.is_nudged = false;
}

void mailbox::wake() {
  if (awake_) return;
  awake_ = true;
  eventfd_write(descriptor_, 1);
}

mailbox::content mailbox::take() {
  const std::lock_guard lock(mutex_);
  if (awake_) {
    eventfd_t ignored = 0;
    eventfd_read(descriptor_, &ignored);
    awake_ = false;
  }
  return std::exchange(content_, {});
}

mailbox::content mailbox::shut() {
  const std::lock_guard lock(mutex_);
  shut_ = true;
  return std::exchange(content_, {});
}

}  // namespace fabric::transport
