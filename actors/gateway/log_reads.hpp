#pragma once

#include <map>
#include <set>
#include <vector>

#include "fabric/ids.hpp"

namespace fabric::actors {

/// A client's wish to read output, told apart from all others.
struct log_reader {
  session_id session;
  request_id request;

  auto operator<=>(const log_reader&) const = default;
};

/// Reads of output that were passed on to a node and are not answered yet: a node may answer only
/// what it was asked, and whoever waits for one hears of it when the node's session ends.
class log_reads {
 public:
  void asked(session_id node, log_reader who) {
    by_node_[node].insert(who);
    nodes_[who] = node;
  }
  /// False where this session was not asked.
  bool answered(session_id node, log_reader who) {
    const auto found = nodes_.find(who);
    if (found == nodes_.end() || found->second != node) return false;
    drop(found);
    return true;
  }
  /// The session of a node is over: these wait for nothing.
  std::vector<log_reader> lost(session_id node) {
    const auto found = by_node_.find(node);
    if (found == by_node_.end()) return {};
    std::vector<log_reader> waiting(found->second.begin(), found->second.end());
    for (const auto& who : waiting) nodes_.erase(who);
    by_node_.erase(found);
    return waiting;
  }
  /// The session of a client is over.
  void forget(session_id reader) {
    for (auto it = nodes_.lower_bound({reader, request_id{0}});
         it != nodes_.end() && it->first.session == reader;)
      it = drop(it);
  }

 private:
  using by_reader = std::map<log_reader, session_id>;

  by_reader::iterator drop(by_reader::iterator which) {
    const auto at = by_node_.find(which->second);
    at->second.erase(which->first);
    if (at->second.empty()) by_node_.erase(at);
    return nodes_.erase(which);
  }

  std::map<session_id, std::set<log_reader>> by_node_;
  by_reader nodes_;
};

}  // namespace fabric::actors
