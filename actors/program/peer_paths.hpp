#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/head_link.hpp"

namespace fabric::actors {

/// Paths from this program to others that do not lead through the head: the head introduces two
/// programs, one dials the other, and each knows the other by its key. They are faster, and take
/// load from the head, but are never needed: without one, parcels go through the head.
///
/// All on the loop's thread but for `open_listener`.
class peer_paths {
 public:
  /// More are not tried for: each is a socket of one side or the other.
  static constexpr std::size_t paths_max = 256;
  /// A path that was not to be had is not asked for again for so long.
  static constexpr duration patience = std::chrono::seconds{30};

  peer_paths(transport::poll_loop& loop, link_router& router, program_id self,
             transport::key_pair keys);

  /// Where others may dial us; empty where there is no address to listen at. Listens on the address
  /// by which this machine reaches the head, on any port.
  struct address {
    std::string endpoint;
    std::string key;
  };
  static address open_listener(transport::poll_loop& loop, const std::string& head_endpoint);

  /// What came over paths.
  struct outcome {
    std::vector<transport::parcel> parcels;
    std::vector<program_id> opened;
    std::vector<program_id> lost;
    std::vector<program_id> in_vain;  ///< dialled and not reached
  };
  outcome take(std::vector<transport::link_event_type>& events, instant now);

  void introduced(const transport::introduced& what, link_router::receiver owner);
  /// True where the head should be asked to introduce us; it will be asked.
  bool wants(program_id to, instant now);
  [[nodiscard]] bool has(program_id to) const { return paths_.contains(to); }
  /// Only where there is a path.
  result<void> send(const transport::parcel& what);
  /// The path seems to lead nowhere.
  void drop(program_id to, instant now);
  /// The program will not be back.
  void forget(program_id who);

 private:
  struct dialled {
    program_id to;
    transport::introduced how;
    int tries = 1;
    link_router::receiver owner;
  };

  void opened(transport::connection_id connection, outcome& out);
  void arrived(transport::link_event::arrived& what, outcome& out);
  void closed(const transport::link_event::closed& what, outcome& out, instant now);
  void admit();

  transport::poll_loop* loop_;
  link_router* router_;
  program_id self_;
  transport::key_pair keys_;
  std::map<program_id, std::string> admitted_;  // keys of those who may dial us
  std::unordered_map<transport::connection_id, dialled> dialled_;
  std::unordered_map<transport::connection_id, program_id> on_;
  std::map<program_id, transport::connection_id> paths_;
  std::map<program_id, instant> not_before_;  // asked for, or lost
};

}  // namespace fabric::actors
