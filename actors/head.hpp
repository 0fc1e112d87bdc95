#pragma once

#include <caf/fwd.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/store/head_store.hpp"
#include "fabric/result.hpp"
#include "scheduler/engine.hpp"
#include "transport/keys.hpp"

namespace fabric::actors {

class runtime;

struct head_options {
  std::string store_path = ":memory:";
  store::durability durability = store::durability::full;
  std::string programs_folder;                 ///< for copies of programs
  std::string endpoint = "tcp://127.0.0.1:*";  ///< where to listen
  std::string advertised_host;                 ///< as others reach it; empty: as bound
  transport::key_pair server;
  /// Keys admitted besides those in the store.
  std::vector<store::admitted_key> admitted;
  std::vector<std::string> own_keys;  ///< public keys of these that nobody may revoke
  /// Makes another key pair in place of one of `admitted` that was revoked since; answers its
  /// public key. Without it, such a key stays out.
  std::function<std::string(const store::admitted_key&)> renew;
  scheduler::settings scheduling;
  std::string dashboard;                      ///< its address, for "status"; empty: none
  std::vector<std::string> warnings;          ///< that "status" always shows
  bool self_test = true;                      ///< prove that strangers are refused
  std::function<void(const fault&)> give_up;  ///< the store failed for good: the process must end
};

/// The head's half of a process: store, scheduler, gateway, behind one listening port.
class head {
 public:
  /// In order: store (lock, schema), epoch, state, listening socket, self-test, doors open.
  /// Faults: those of head_store::open, poll_loop::listen and the self-test.
  static result<std::unique_ptr<head>> start(runtime& process, head_options how);
  ~head();  ///< `stop`

  [[nodiscard]] const std::string& endpoint() const;  ///< "tcp://host:port", as others reach it
  [[nodiscard]] const std::string& cluster() const;
  [[nodiscard]] std::uint64_t epoch() const;

  /// Commits what is under way and closes the store. Idempotent.
  void stop();

 private:
  struct parts;
  explicit head(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace fabric::actors
