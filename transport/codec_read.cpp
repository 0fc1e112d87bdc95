#include "transport/codec_read.hpp"

namespace fabric::transport::codec {

const token* reader::take(token_kind kind, std::string_view otherwise) {
  if (!ok()) return nullptr;
  if (at_ >= tokens_.size() || tokens_[at_].kind != kind) {
    fail(otherwise);
    return nullptr;
  }
  return &tokens_[at_++];
}

/// Writers of other languages do not always tell `str` from `bin`, so either is taken for either.
const token* reader::take_string() {
  if (!ok()) return nullptr;
  if (at_ >= tokens_.size() ||
      (tokens_[at_].kind != token_kind::bytes && tokens_[at_].kind != token_kind::text)) {
    fail("a string is expected");
    return nullptr;
  }
  return &tokens_[at_++];
}

bool reader::open(token_kind kind, std::uint32_t size) {
  const token* t = take(kind, "an array is expected");
  if (t == nullptr) return false;
  if (t->size != size) fail("an array has the wrong number of elements");
  return ok();
}

bool reader::get_signed(std::int64_t& v) {
  if (!ok()) return false;
  const bool negative = at_ < tokens_.size() && tokens_[at_].kind == token_kind::negative;
  const token* t =
      take(negative ? token_kind::negative : token_kind::natural, "a number is expected");
  if (t == nullptr) return false;
  if (!negative && t->number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    fail("a number is too large");
  v = static_cast<std::int64_t>(t->number);
  return ok();
}

std::int64_t reader::get_bounded(std::int64_t max, std::string_view otherwise) {
  std::int64_t v = 0;
  if (!get_signed(v)) return 0;
  if (v < 0 || v > max) fail(otherwise);
  return v;
}

std::string_view reader::get_text() {
  const token* t = take_string();
  if (t == nullptr) return {};
  const std::string_view s(t->data, t->size);
  if (const auto objection = objection_to_text(s); !objection.empty()) fail(objection);
  return ok() ? s : std::string_view{};
}

void reader::next(keys& left) {
  const std::uint64_t last = left.key;
  const bool first = !left.has;
  left.has = false;
  if (left.pairs == 0 || !ok()) return;
  --left.pairs;
  const token* t = take(token_kind::natural, "a field number is expected");
  if (t == nullptr) return;
  if (!first && t->number <= last) return fail("field numbers do not ascend");
  left.key = t->number;
  left.has = true;
}

void reader::skip() {
  if (!ok()) return;
  const token& t = tokens_[at_];
  const bool nested = t.kind == token_kind::array || t.kind == token_kind::map;
  at_ = nested ? t.end : at_ + 1;
}

void reader::get(label_condition& v) {
  if (!open(token_kind::array, 3)) return;
  std::uint8_t relation = 0;
  v.key = get_text();
  get(relation);
  v.value = get_text();
  if (!ok()) return;
  if (relation > static_cast<std::uint8_t>(label_condition::relation::differs))
    return fail("a label condition has an unknown relation");
  if (!is_label_key(v.key) || !is_label_value(v.value)) return fail("a label is misspelt");
  v.is = static_cast<label_condition::relation>(relation);
}

void reader::get(resource_set& v) {
  const token* t = take(token_kind::map, "a map is expected");
  if (t == nullptr) return;
  v = {};
  std::string_view last;
  for (std::uint32_t i = 0; i < t->size && ok(); ++i) {
    const std::string_view name = get_text();
    milli amount;
    get(amount);
    if (!ok()) return;
    if (!is_resource_name(name)) return fail("a resource name is misspelt");
    if (name <= last) return fail("resource names do not ascend");
    if (amount.value == 0) return fail("a resource has no amount");
    v.set(name, amount);
    last = name;
  }
}

void reader::get(label_map& v) {
  const token* t = take(token_kind::map, "a map is expected");
  if (t == nullptr) return;
  v.clear();
  std::string_view last;
  for (std::uint32_t i = 0; i < t->size && ok(); ++i) {
    const std::string_view key = get_text();
    const std::string_view value = get_text();
    if (!ok()) return;
    if (!is_label_key(key) || !is_label_value(value)) return fail("a label is misspelt");
    if (key <= last) return fail("label keys do not ascend");
    v.emplace_hint(v.end(), key, value);
    last = key;
  }
}

/// A demand's conditions are sorted everywhere else, so they are here.
void reader::get(demand& v) {
  get_fields(v);
  std::sort(v.where.begin(), v.where.end());
}

void reader::get(capacity& v) {
  get_fields(v);
  if (!ok()) return;
  const auto ids = static_cast<std::int64_t>(v.gpu_ids.size());
  if (v.amounts[gpu] != units(ids)) return fail("a node has not as many GPU ids as GPUs");
  auto sorted = v.gpu_ids;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    fail("a node has one GPU id twice");
}

}  // namespace fabric::transport::codec
