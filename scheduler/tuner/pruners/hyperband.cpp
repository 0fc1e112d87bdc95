#include "scheduler/tuner/pruners/hyperband.hpp"

#include <algorithm>
#include <numeric>

namespace fabric::tuner {

namespace {

/// Keeps the shares within 64 bits, also with what another program wrote.
constexpr std::int64_t longest_max = std::int64_t{1} << 40;

/// CRC-32 of ISO 3309, as zlib has it.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t sum = ~0U;
  for (const char c : bytes) {
    sum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~sum;
}

}  // namespace

hyperband_pruner::hyperband_pruner(settings how, std::string_view study)
    : how_(how), study_(study) {
  if (how_.most) open_brackets();
}

void hyperband_pruner::open_brackets() {
  const auto factor = static_cast<std::uint64_t>(how_.factor);
  // Counted in whole numbers: a logarithm of 243 to the base 3 may come out below 5.
  std::uint64_t count = 1;
  for (auto ratio = *how_.most / how_.least; ratio >= how_.factor; ratio /= how_.factor) ++count;
  for (std::uint64_t b = 0; b < count; ++b) {
    std::uint64_t trials = count;
    for (std::uint64_t rung = b + 1; rung < count; ++rung) trials *= factor;
    shares_.push_back((trials + count - b - 1) / (count - b));
    brackets_.emplace_back(halving_pruner::settings{how_.least, how_.factor,
                                                    static_cast<std::int64_t>(b), how_.bootstrap});
  }
}

std::size_t hyperband_pruner::bracket_of(trial_number n) const {
  const auto total = std::accumulate(shares_.begin(), shares_.end(), std::uint64_t{0});
  std::uint64_t at = crc32(study_ + "_" + std::to_string(n)) % total;
  std::size_t bracket = 0;
  for (; at >= shares_[bracket]; ++bracket) at -= shares_[bracket];
  return bracket;
}

verdict hyperband_pruner::judge(const history& its) {
  if (brackets_.empty()) {
    if (longest_ < 0) return verdict::go_on;
    how_.most = std::max(std::min(longest_, longest_max) + 1, how_.least);
    open_brackets();
  }
  return brackets_[bracket_of(its.number())].judge(its);
}

void hyperband_pruner::ended(const history& its, trial_state how, std::optional<double> loss) {
  if (how == trial_state::complete && !its.empty()) longest_ = std::max(longest_, its.last().step);
  if (!brackets_.empty()) brackets_[bracket_of(its.number())].ended(its, how, loss);
}

}  // namespace fabric::tuner
