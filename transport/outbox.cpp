#include "transport/outbox.hpp"

#include <utility>

#include "transport/codec.hpp"

namespace fabric::transport {

bool outbox::fits_last(std::size_t bytes, std::size_t messages) const {
  return !frames_.empty() && frames_.back().bytes.size() + bytes <= control_frame_bytes_max &&
         frames_.back().messages + messages <= messages_per_frame_max;
}

void outbox::add(std::string_view encoded_message) {
  if (!fits_last(encoded_message.size(), 1)) frames_.emplace_back();
  frames_.back().bytes += encoded_message;
  ++frames_.back().messages;
  bytes_ += encoded_message.size();
}

void outbox::add_alone(std::string encoded_message) {
  bytes_ += encoded_message.size();
  frames_.push_back({std::move(encoded_message), 1});
}

void outbox::take(outbox&& newer) {
  bytes_ += std::exchange(newer.bytes_, 0);
  for (auto& one : newer.frames_) {
    if (fits_last(one.bytes.size(), one.messages)) {
      frames_.back().bytes += one.bytes;
      frames_.back().messages += one.messages;
    } else {
      frames_.push_back(std::move(one));
    }
  }
  newer.frames_.clear();
}

}  // namespace fabric::transport
