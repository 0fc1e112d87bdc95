#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "scheduler/job.hpp"

namespace fabric::scheduler {

/// Jobs alike but for their name, key and payload share one `job` without these: a million jobs
/// submitted by one loop differ in little else.
class job_shapes {
 public:
  std::shared_ptr<const job> share(const job& what);
  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  void forget_unused();
  std::unordered_map<std::uint64_t, std::weak_ptr<const job>> known_;
  std::size_t sweep_at_ = 64;
};

/// A job as the scheduler keeps it while it waits: the shape, and the texts in one block. Arrays
/// are kept as they came, because one record stands for many tasks.
class stored_job {
 public:
  stored_job(std::shared_ptr<const job> what, job_shapes& shapes);

  /// All but name, key and payload, which may be empty here.
  [[nodiscard]] const job& shape() const { return *shape_; }
  [[nodiscard]] std::string_view key() const;
  /// Of name, key and payload, which each job has for itself.
  [[nodiscard]] std::size_t text_bytes() const;
  /// The job as it was submitted; made anew for packed ones.
  [[nodiscard]] std::shared_ptr<const job> whole() const;

 private:
  std::shared_ptr<const job> shape_;
  std::unique_ptr<char[]> texts_;  // name, key, payload; null where shape_ is the whole job
  std::uint32_t name_size_ = 0;
  std::uint32_t key_size_ = 0;
  std::uint32_t payload_size_ = 0;
};

}  // namespace fabric::scheduler
