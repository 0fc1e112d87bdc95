#pragma once

#include <utility>
#include <vector>

#include "scheduler/command.hpp"

namespace fabric::scheduler {

/// Collects what one step asks for. Records come out first, whatever the order of the calls, so
/// that no code can let an effect overtake the record that justifies it.
class outbox {
 public:
  void keep(record_type what) { records_.push_back(command::persist{std::move(what)}); }
  void say(command_type what) { others_.push_back(std::move(what)); }

  /// Everything since the last call.
  std::vector<command_type> take() {
    std::vector<command_type> all = std::exchange(records_, {});
    all.insert(all.end(), std::make_move_iterator(others_.begin()),
               std::make_move_iterator(others_.end()));
    others_.clear();
    return all;
  }

 private:
  std::vector<command_type> records_;
  std::vector<command_type> others_;
};

}  // namespace fabric::scheduler
