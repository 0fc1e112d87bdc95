#include <string_view>

#include "scheduler/record.hpp"

namespace fabric::scheduler {

namespace {

/// FNV-1a, 64 bits. Numbers enter as eight bytes, low byte first; texts with their length before
/// them, so that no two different jobs spell the same bytes.
class fnv {
 public:
  void add(std::uint64_t number) {
    for (int i = 0; i < 8; ++i) byte(static_cast<unsigned char>(number >> (8 * i)));
  }
  void add_signed(std::int64_t number) { add(static_cast<std::uint64_t>(number)); }
  void add(std::string_view text) {
    add(std::uint64_t{text.size()});
    for (char c : text) byte(static_cast<unsigned char>(c));
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  void byte(unsigned char b) { value_ = (value_ ^ b) * 0x100000001b3ULL; }
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

void add(fnv& hash, const demand& needs) {
  hash.add(std::uint64_t{needs.amounts.size()});
  for (const auto& [name, amount] : needs.amounts) {
    hash.add(name);
    hash.add_signed(amount.value);
  }
  hash.add(std::uint64_t{needs.where.size()});
  for (const auto& condition : needs.where) {
    hash.add(condition.key);
    hash.add(static_cast<std::uint64_t>(condition.is));
    hash.add(condition.value);
  }
}

}  // namespace

std::uint64_t content_hash(const job& what) {
  fnv hash;
  hash.add(what.name);
  hash.add(what.key);
  hash.add(what.study);
  hash.add(what.payload);
  add(hash, what.needs);
  hash.add_signed(what.priority);
  hash.add(std::uint64_t{what.retry.retries_max});
  hash.add_signed(what.retry.backoff.first.count());
  hash.add_signed(what.retry.backoff.longest.count());
  hash.add(std::uint64_t{what.retry.poison_after});
  hash.add_signed(what.time_limit.count());
  hash.add_signed(what.expires_after.count());
  hash.add(std::uint64_t{what.first_index});
  hash.add(std::uint64_t{what.count});
  hash.add(std::uint64_t{what.is_array ? 1U : 0U});
  hash.add(std::uint64_t{what.after.size()});
  for (job_id id : what.after) hash.add(id.value);
  return hash.value();
}

}  // namespace fabric::scheduler
