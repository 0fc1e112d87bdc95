#include "transport/handshake.hpp"

#include <algorithm>
#include <string>

namespace fabric::transport {

namespace {

std::string spell(std::uint32_t version) {
  return std::to_string(version >> 16) + "." + std::to_string(version & 0xffff);
}

std::string spell(const version_range& range) {
  return range.lowest == range.highest ? spell(range.highest)
                                       : spell(range.lowest) + " to " + spell(range.highest);
}

std::string name_of_software(const std::string& version) {
  return version.empty() ? "of unknown version" : version;
}

bool contains(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

fault no_common_version(const head_identity& head, const hello& dialler) {
  const bool head_is_older = head.build.speaks.highest < dialler.speaks.lowest;
  return {fault_code::version,
          "the head (fabric " + name_of_software(head.build.software) + ") speaks protocol " +
              spell(head.build.speaks) + ", the node or client (fabric " +
              name_of_software(dialler.software) + ") speaks " + spell(dialler.speaks),
          head_is_older ? "upgrade the head" : "upgrade the node or client"};
}

fault other_cluster(std::string_view head, std::string_view dialler) {
  return {fault_code::config,
          "the head serves cluster " + std::string{head} + ", this side belongs to cluster " +
              std::string{dialler},
          "check the address, or join the other cluster with a new token"};
}

fault older_head(std::uint64_t epoch, std::uint64_t seen) {
  return {fault_code::stale_epoch,
          "the head is of epoch " + std::to_string(epoch) + ", but one of epoch " +
              std::to_string(seen) + " was seen before",
          "a newer head has taken over, or this one was restored from a backup: stop the one that "
          "is not wanted"};
}

}  // namespace

result<agreement> agree(const head_identity& head, const hello& dialler) {
  if (dialler.speaks.lowest > dialler.speaks.highest)
    return fault{fault_code::bad_message, "a HELLO names an empty range of versions", ""};
  const std::uint32_t lowest = std::max(head.build.speaks.lowest, dialler.speaks.lowest);
  const std::uint32_t highest = std::min(head.build.speaks.highest, dialler.speaks.highest);
  if (lowest > highest) return no_common_version(head, dialler);
  if (!dialler.cluster.empty() && dialler.cluster != head.cluster)
    return other_cluster(head.cluster, dialler.cluster);
  if (dialler.epoch_seen > head.epoch) return older_head(head.epoch, dialler.epoch_seen);

  agreement both{highest, {}};
  for (const auto& feature : head.build.features)
    if (contains(dialler.features, feature)) both.features.push_back(feature);
  return both;
}

result<void> accept(const build_identity& ours, const welcome& answer, std::string_view cluster,
                    std::uint64_t epoch_seen) {
  if (answer.version < ours.speaks.lowest || answer.version > ours.speaks.highest)
    return fault{fault_code::version,
                 "the head (fabric " + name_of_software(answer.software) + ") chose protocol " +
                     spell(answer.version) + ", this side (fabric " + ours.software + ") speaks " +
                     spell(ours.speaks),
                 answer.version > ours.speaks.highest ? "upgrade this side" : "upgrade the head"};
  if (!cluster.empty() && answer.cluster != cluster) return other_cluster(answer.cluster, cluster);
  if (answer.epoch < epoch_seen) return older_head(answer.epoch, epoch_seen);
  for (const auto& feature : answer.features)
    if (!contains(ours.features, feature))
      return fault{fault_code::bad_message, "the head chose a feature that was not offered", ""};
  if (answer.session.value == 0 || answer.lease <= duration{0} || answer.heartbeat <= duration{0} ||
      answer.heartbeat > answer.lease)
    return fault{fault_code::bad_message,
                 "the head's WELCOME lacks a session, or its lease or heartbeat make no sense", ""};
  return {};
}

}  // namespace fabric::transport
