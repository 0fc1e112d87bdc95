#pragma once

#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "transport/message.hpp"

namespace fabric::actors {

/// Reports that the head has not acknowledged, on disk, so that they outlive the daemon: one file
/// each, written aside, flushed and renamed.
class spool {
 public:
  explicit spool(std::string folder);

  /// Faults: store_full, store_failed.
  result<void> keep(const transport::report& what);
  void drop(attempt_id id);
  /// What an earlier daemon left. Files that cannot be read are removed and counted in `damaged`.
  std::vector<transport::report> load(std::size_t& damaged);

 private:
  [[nodiscard]] std::string path_of(attempt_id id) const;
  std::string folder_;
};

}  // namespace fabric::actors
