#include "actors/journal/resp.hpp"

#include <charconv>

namespace fabric::journal {

namespace {

constexpr std::size_t number_bytes_max = 24;

fault no_request(std::string_view why) {
  return {fault_code::bad_message, "this is no request of a Redis client: " + std::string(why), ""};
}

}  // namespace

void request_reader::feed(std::string_view bytes) {
  if (broken_) return;
  if (at_ > 0) {
    bytes_.erase(0, at_);
    at_ = 0;
  }
  bytes_.append(bytes);
}

/// The number in a line as "*3" or "$12". Nothing where the line has no end yet.
result<std::optional<std::size_t>> request_reader::number_after(char kind, std::size_t most) {
  using answer = std::optional<std::size_t>;
  if (at_ == bytes_.size()) return answer();
  const auto end = bytes_.find("\r\n", at_);
  const auto length = (end == std::string::npos ? bytes_.size() : end) - at_;
  if (bytes_[at_] != kind) return no_request("a line begins with another sign");
  if (length > number_bytes_max) return no_request("a number is too long");
  if (end == std::string::npos) return answer();
  std::size_t number = 0;
  const auto* last = bytes_.data() + end;
  const auto [stop, wrong] = std::from_chars(bytes_.data() + at_ + 1, last, number);
  if (wrong != std::errc() || stop != last) return no_request("a number is none");
  if (number > most) return no_request("it is too large");
  at_ = end + 2;
  return answer(number);
}

result<std::optional<request>> request_reader::next() {
  using answer = std::optional<request>;
  const auto fail = [&](fault why) {
    broken_ = std::move(why);
    bytes_.clear();
    at_ = 0;
    return *broken_;
  };
  if (broken_) return *broken_;
  if (words_ == 0) {
    auto words = number_after('*', words_max);
    if (!words) return fail(words.error());
    if (!*words) return answer();
    if (**words == 0) return fail(no_request("it is empty"));
    words_ = **words;
  }
  while (read_.size() < words_) {
    if (!size_) {
      auto size = number_after('$', word_bytes_max);
      if (!size) return fail(size.error());
      if (!*size) return answer();
      size_ = **size;
    }
    if (waiting() < *size_ + 2) return answer();
    if (bytes_.compare(at_ + *size_, 2, "\r\n") != 0) {
      return fail(no_request("a word is longer than it says"));
    }
    read_.push_back(bytes_.substr(at_, *size_));
    at_ += *size_ + 2;
    size_.reset();
  }
  words_ = 0;
  return answer(std::exchange(read_, {}));
}

std::string simple(std::string_view text) { return "+" + std::string(text) + "\r\n"; }

std::string error(std::string_view text) {
  std::string line = "-";
  for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return line + "\r\n";
}

std::string whole_number(std::int64_t number) { return ":" + std::to_string(number) + "\r\n"; }

std::string bulk(std::string_view bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + std::string(bytes) + "\r\n";
}

}  // namespace fabric::journal
