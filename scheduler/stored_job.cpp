#include "scheduler/stored_job.hpp"

#include <algorithm>
#include <string>

#include "scheduler/record.hpp"

namespace fabric::scheduler {

namespace {

job without_texts(const job& what) {
  job shape;
  shape.submitter = what.submitter;
  shape.owner = what.owner;
  shape.study = what.study;
  shape.needs = what.needs;
  shape.priority = what.priority;
  shape.retry = what.retry;
  shape.time_limit = what.time_limit;
  shape.expires_after = what.expires_after;
  shape.first_index = what.first_index;
  shape.count = what.count;
  shape.is_array = what.is_array;
  shape.after = what.after;
  return shape;
}

}  // namespace

std::shared_ptr<const job> job_shapes::share(const job& what) {
  job shape = without_texts(what);
  const std::uint64_t hash = content_hash(shape);
  auto& slot = known_[hash];
  if (auto same = slot.lock(); same != nullptr && *same == shape) return same;
  auto made = std::make_shared<const job>(std::move(shape));
  slot = made;
  if (known_.size() >= sweep_at_) forget_unused();
  return made;
}

void job_shapes::forget_unused() {
  std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
  sweep_at_ = std::max<std::size_t>(64, known_.size() * 2);
}

stored_job::stored_job(std::shared_ptr<const job> what, job_shapes& shapes) {
  if (what->is_array) {
    shape_ = std::move(what);
    return;
  }
  shape_ = shapes.share(*what);
  name_size_ = static_cast<std::uint32_t>(what->name.size());
  key_size_ = static_cast<std::uint32_t>(what->key.size());
  payload_size_ = static_cast<std::uint32_t>(what->payload.size());
  texts_.reset(new char[std::size_t{name_size_} + key_size_ + payload_size_]);
  char* at = std::copy(what->name.begin(), what->name.end(), texts_.get());
  at = std::copy(what->key.begin(), what->key.end(), at);
  std::copy(what->payload.begin(), what->payload.end(), at);
}

std::string_view stored_job::key() const {
  if (texts_ == nullptr) return shape_->key;
  return {texts_.get() + name_size_, key_size_};
}

std::size_t stored_job::text_bytes() const {
  if (texts_ == nullptr) return shape_->name.size() + shape_->key.size() + shape_->payload.size();
  return std::size_t{name_size_} + key_size_ + payload_size_;
}

std::shared_ptr<const job> stored_job::whole() const {
  if (texts_ == nullptr) return shape_;
  auto made = std::make_shared<job>(*shape_);
  const char* at = texts_.get();
  made->name.assign(at, name_size_);
  made->key.assign(at + name_size_, key_size_);
  made->payload.assign(at + name_size_ + key_size_, payload_size_);
  return made;
}

}  // namespace fabric::scheduler
