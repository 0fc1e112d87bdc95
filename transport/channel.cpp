#include "transport/channel.hpp"

#include <algorithm>
#include <utility>

#include "transport/channel_frame.hpp"
#include "transport/codec.hpp"

namespace fabric::transport {

void channel::send(std::string message) {
  bytes_ += message.size();
  kept_.push_back(std::move(message));
}

bool channel::may_send_fresh() const {
  const auto sent = next_ - first_;
  return sent < kept_.size() && (in_flight_ == 0 || in_flight_ < how_.in_flight_max);
}

/// A resend before a slow path could carry it would only make the path slower.
duration channel::time_for(std::size_t bytes) const {
  return std::chrono::microseconds{bytes * 1'000'000 / how_.path_bytes_per_second_min};
}

std::optional<std::string> channel::frame(instant now) {
  if (now >= resend_at_) {
    again_ = first_;
    ++resends_;
    resend_at_ = never;
  }
  if (again_ != 0 && again_ >= next_) again_ = 0;
  if (again_ != 0) return encode_from(again_ - first_, now);
  if (may_send_fresh()) return encode_from(next_ - first_, now);
  if (owed_ >= how_.acknowledge_every || now >= acknowledge_at_)
    return encode_from(kept_.size(), now);
  return std::nullopt;
}

/// As many messages as fit into one frame; none is an acknowledgement alone.
std::string channel::encode_from(std::size_t at, instant now) {
  outgoing_frame out{.first = first_ + at, .acknowledged = heard_, .messages = {}};
  const std::size_t fresh_at = next_ - first_;
  const std::size_t end = again_ != 0 ? fresh_at : kept_.size();
  std::size_t bytes = 0;
  for (; at < end; ++at) {
    const auto& message = kept_[at];
    const bool is_fresh = at >= fresh_at;
    if (!out.messages.empty() &&
        (bytes + message.size() > how_.frame_bytes_max || out.messages.size() == elements_max ||
         (is_fresh && in_flight_ >= how_.in_flight_max)))
      break;
    bytes += message.size();
    if (is_fresh) {
      in_flight_ += message.size();
      if (resend_at_ != never) resend_at_ += time_for(message.size());
      ++next_;
    }
    out.messages.push_back(message);
  }
  if (again_ != 0) again_ = first_ + at;
  if (!out.messages.empty() && resend_at_ == never)
    resend_at_ = now + time_for(in_flight_) +
                 wait_before_retry({how_.resend_first, how_.resend_longest},
                                   std::min(resends_ + 1, 20U), first_);
  owed_ = 0;
  acknowledge_at_ = never;
  return encode(out);
}

result<std::vector<std::string>> channel::take(std::string_view frame, instant now) {
  auto in = decode_channel_frame(frame);
  if (!in) return std::move(in).error();
  if (in->acknowledged >= next_)
    return fault{fault_code::bad_message, "a channel acknowledges what was never sent", ""};
  if (in->first == 0 && !in->messages.empty())
    return fault{fault_code::bad_message, "a channel's messages are numbered from 1", ""};
  if (in->acknowledged >= first_) {
    for (; first_ <= in->acknowledged; ++first_) {
      bytes_ -= kept_.front().size();
      in_flight_ -= kept_.front().size();
      kept_.pop_front();
    }
    resends_ = 0;
    resend_at_ = first_ == next_ ? never : now + how_.resend_first + time_for(in_flight_);
    if (again_ != 0) again_ = std::max(again_, first_);
  }
  if (in->messages.empty()) return std::vector<std::string>{};
  // Also what came twice is owed an answer: the first one was lost.
  ++owed_;
  acknowledge_at_ = std::min(acknowledge_at_, now + how_.acknowledge_within);
  std::vector<std::string> fresh;
  if (in->first > heard_ + 1) return fresh;  // something before it was lost and will come again
  const std::uint64_t known = heard_ + 1 - in->first;
  for (std::uint64_t at = known; at < in->messages.size(); ++at)
    fresh.push_back(std::move(in->messages[at]));
  heard_ += fresh.size();
  owed_ += fresh.empty() ? 0 : fresh.size() - 1;
  return fresh;
}

void channel::path_renewed(instant now) {
  if (first_ == next_) return;
  resends_ = 0;
  resend_at_ = now;
}

instant channel::next_wakeup() const {
  if (again_ != 0 || may_send_fresh() || owed_ >= how_.acknowledge_every) return instant{};
  return std::min(resend_at_, acknowledge_at_);
}

}  // namespace fabric::transport
