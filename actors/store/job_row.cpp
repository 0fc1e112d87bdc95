#include "actors/store/job_row.hpp"

#include <charconv>
#include <limits>

#include "actors/store/netstrings.hpp"
#include "scheduler/record.hpp"

namespace fabric::store {

namespace {

template <class Int>
std::optional<Int> number(std::string_view text) {
  Int value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class Int>
bool fits(std::int64_t value) {
  return std::in_range<Int>(value);
}

std::string amounts_text(const resource_set& amounts) {
  std::vector<std::string> numbers;
  numbers.reserve(amounts.size());
  std::vector<std::string_view> items;
  for (const auto& [name, amount] : amounts) {
    numbers.push_back(std::to_string(amount.value));
    items.push_back(name);
    items.push_back(numbers.back());
  }
  return pack(items);
}

std::optional<resource_set> amounts_of(std::string_view text) {
  const auto items = unpack(text);
  if (!items || items->size() % 2 != 0) return std::nullopt;
  resource_set amounts;
  for (std::size_t i = 0; i < items->size(); i += 2) {
    const auto amount = number<std::int64_t>((*items)[i + 1]);
    if (!amount) return std::nullopt;
    amounts.set((*items)[i], milli{*amount});
  }
  return amounts;
}

constexpr std::string_view equals_sign = "=";
constexpr std::string_view differs_sign = "!=";

std::string conditions_text(const std::vector<label_condition>& conditions) {
  std::vector<std::string_view> items;
  for (const auto& condition : conditions) {
    const bool equals = condition.is == label_condition::relation::equals;
    items.push_back(condition.key);
    items.push_back(equals ? equals_sign : differs_sign);
    items.push_back(condition.value);
  }
  return pack(items);
}

std::optional<std::vector<label_condition>> conditions_of(std::string_view text) {
  const auto items = unpack(text);
  if (!items || items->size() % 3 != 0) return std::nullopt;
  std::vector<label_condition> conditions;
  for (std::size_t i = 0; i < items->size(); i += 3) {
    const auto sign = (*items)[i + 1];
    if (sign != equals_sign && sign != differs_sign) return std::nullopt;
    const auto is = sign == equals_sign ? label_condition::relation::equals
                                        : label_condition::relation::differs;
    conditions.push_back({std::string((*items)[i]), is, std::string((*items)[i + 2])});
  }
  return conditions;
}

std::string after_text(const std::vector<job_id>& after) {
  std::string text;
  for (const auto id : after) text.append(text.empty() ? "" : ",").append(std::to_string(id.value));
  return text;
}

std::optional<std::vector<job_id>> after_of(std::string_view text) {
  std::vector<job_id> after;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const auto id = number<std::uint64_t>(text.substr(0, end));
    if (!id) return std::nullopt;
    after.push_back(job_id{*id});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return after;
}

}  // namespace

result<void> insert_job(sqlite::connection& file, job_id id, const scheduler::job& what,
                        std::int64_t wall_ms) {
  return file
      .with(
          "INSERT INTO job (id, key, content_hash, submitted_ms, name, submitter, study, priority,"
          " first_index, count, is_array, retries_max, backoff_first_us, backoff_longest_us,"
          " poison_after, time_limit_us, expires_after_us, amounts, conditions, after, payload,"
          " owner)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          static_cast<std::int64_t>(id.value), what.key,
          static_cast<std::int64_t>(scheduler::content_hash(what)), wall_ms, what.name,
          what.submitter, what.study, std::int64_t{what.priority}, std::int64_t{what.first_index},
          std::int64_t{what.count}, std::int64_t{what.is_array ? 1 : 0},
          std::int64_t{what.retry.retries_max}, what.retry.backoff.first.count(),
          what.retry.backoff.longest.count(), std::int64_t{what.retry.poison_after},
          what.time_limit.count(), what.expires_after.count(), amounts_text(what.needs.amounts),
          conditions_text(what.needs.where), after_text(what.after), sqlite::blob{what.payload},
          static_cast<std::int64_t>(what.owner.value))
      .run();
}

result<scheduler::job> job_of(const sqlite::cursor& row, const std::string& path) {
  const auto amounts = amounts_of(row.bytes(15));
  const auto conditions = conditions_of(row.bytes(16));
  const auto after = after_of(row.bytes(17));
  const bool in_range = fits<int>(row.integer(5)) && fits<std::uint32_t>(row.integer(6)) &&
                        fits<std::uint32_t>(row.integer(7)) &&
                        fits<std::uint32_t>(row.integer(9)) && fits<std::uint32_t>(row.integer(12));
  if (!amounts || !conditions || !after || !in_range) {
    return fault{fault_code::store_failed,
                 "store " + path + ": job " + std::to_string(row.integer(0)) + " is damaged",
                 "restore a backup"};
  }
  scheduler::job what;
  what.key = row.text(1);
  what.name = row.text(2);
  what.submitter = row.text(3);
  what.study = row.text(4);
  what.priority = static_cast<int>(row.integer(5));
  what.first_index = static_cast<std::uint32_t>(row.integer(6));
  what.count = static_cast<std::uint32_t>(row.integer(7));
  what.is_array = row.integer(8) != 0;
  what.retry.retries_max = static_cast<std::uint32_t>(row.integer(9));
  what.retry.backoff.first = duration{row.integer(10)};
  what.retry.backoff.longest = duration{row.integer(11)};
  what.retry.poison_after = static_cast<std::uint32_t>(row.integer(12));
  what.time_limit = duration{row.integer(13)};
  what.expires_after = duration{row.integer(14)};
  what.needs = {*amounts, *conditions};
  what.after = *after;
  what.payload = row.text(18);
  what.owner = program_id{static_cast<std::uint64_t>(row.integer(19))};
  return what;
}

std::string gpus_text(const std::vector<gpu_share>& gpus) {
  std::vector<std::string> shares;
  shares.reserve(gpus.size());
  std::vector<std::string_view> items;
  for (const auto& gpu : gpus) {
    shares.push_back(std::to_string(gpu.share.value));
    items.push_back(gpu.id);
    items.push_back(shares.back());
  }
  return pack(items);
}

std::optional<std::vector<gpu_share>> gpus_of(std::string_view text) {
  const auto items = unpack(text);
  if (!items || items->size() % 2 != 0) return std::nullopt;
  std::vector<gpu_share> gpus;
  for (std::size_t i = 0; i < items->size(); i += 2) {
    const auto share = number<std::int64_t>((*items)[i + 1]);
    if (!share) return std::nullopt;
    gpus.push_back({std::string((*items)[i]), milli{*share}});
  }
  return gpus;
}

}  // namespace fabric::store
