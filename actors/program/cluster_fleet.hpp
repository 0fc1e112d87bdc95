#pragma once

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/api/fleet.hpp"
#include "actors/api/packed_call.hpp"
#include "actors/program/cluster_actors.hpp"
#include "actors/program/hiring.hpp"
#include "actors/program/object_exchange.hpp"
#include "actors/program/program_link.hpp"
#include "actors/program/side_work.hpp"
#include "fabric/detail_state.hpp"

namespace fabric::actors {

class note_replies;

/// Runs a session's calls in processes on the nodes of a cluster. The head is asked for workers, as
/// for any tasks; calls and results travel over channels between this program and them.
///
/// What the desk orders is queued under a lock; everything else is the link's thread's.
class cluster_fleet final : public detail::fleet, public program_listener {
 public:
  /// `lent`: the key that workers are to use.
  cluster_fleet(head_address where, std::string cluster_file, transport::key_pair lent);

  // For the desk.
  [[nodiscard]] bool is_remote() const override { return true; }
  /// Waits for the first session. Throws usage_error (unsupported) where there will be none.
  void open(detail::desk& owner) override;
  void carry_out(std::span<const calls::command_type> commands) override;
  void settle() override;
  [[nodiscard]] calls::data_place place_of(const detail::data_site& where) const override;
  [[nodiscard]] std::string why_infeasible(const demand& needs) const override;
  [[nodiscard]] std::string why_closed() const override;
  detail::actor_fleet* actors() override { return &actors_; }
  [[nodiscard]] cluster_actors& cluster() { return actors_; }
  void close() override;

  // For the link.
  void opened(const transport::welcome& terms) override;
  void lost(const fault& why, bool for_good) override;
  void heard(program_id from, std::vector<transport::program::message> messages) override;
  void gone(program_id who) override;
  void told(transport::message& body) override;
  instant turn(instant now) override;

 private:
  using body = detail::counted<detail::state_base>;
  struct order {
    calls::command_type what;
    body call;                // of a start
    calls::pool_shape shape;  // of a want
  };
  struct sent_call {
    std::uint32_t attempt = 0;
    body call;
    std::vector<detail::carried_hold> objects{};  // what its arguments refer to
    bool is_packing = false;                      // aside; it has not left
    bool is_stopped = false;                      // meanwhile
  };
  /// Whether others have what the worker was given.
  enum class lending { no, asked, lent };
  struct worker {
    program_id process;
    std::string_view node;  // its name, for the life of the process
    lending lends = lending::no;
    bool is_claimed = false;                    // what was lent, of the head
    std::optional<std::uint32_t> reclaim_turn;  // wanted back before it was lent
    std::unordered_map<calls::call_id, sent_call> has;
    std::vector<transport::program::call> batch;  // of this turn
    unsigned unpacking = 0;                       // results, aside
    bool is_gone = false;                         // to be told when these are unpacked
  };

  void perform(order& what);
  worker* at_work(calls::worker_id id);
  void start(const calls::command::start& what, body call);
  void send(const calls::command::start& what, worker& w, detail::packed_call with);
  void packed(const calls::command::start& what, detail::packed_call with);
  void stop(const calls::command::stop& what);
  void release(const calls::command::release& what);
  void lend(const calls::command::lend& what);
  void reclaim(const calls::command::reclaim& what);
  void give_back(calls::worker_id id, worker& w, std::uint32_t turn);
  void send_batches();
  void give_up(calls::pool_id pool, std::string why);
  [[nodiscard]] std::string command_for_workers() const;
  [[nodiscard]] std::string command_with(
      std::vector<std::pair<std::string, std::string>> env) const;

  void take(program_id from, transport::program::serving& what);
  void take(calls::worker_id id, worker& w, transport::program::outcomes& what);
  void take(calls::worker_id id, worker& w, transport::program::recalled& what);
  void take(calls::worker_id id, worker& w, transport::program::slot_change& what);
  void take(calls::worker_id id, worker& w, transport::program::lent& what);
  void take(calls::worker_id id, worker& w, transport::program::note& what);
  void take(calls::worker_id, worker&, auto&) {}  // what only workers hear
  void take(calls::worker_id id, const std::vector<transport::program::outcome>& which);
  void unpack_aside(calls::worker_id id, transport::program::outcome what,
                    object_exchange::references held);
  [[nodiscard]] calls::event::ended_call judged(const body& call,
                                                const transport::program::outcome& what) const;
  void tell_ended(calls::worker_id id, calls::event::ended_call what, duration ran);
  void tell_pressure(instant at);
  void task_ended(const transport::task_finished& what);
  void worker_gone(calls::worker_id id);
  void ask_about(calls::worker_id worker, const char* topic, program_link::answer done);
  void tell(calls::event_type what) { news_.push_back(std::move(what)); }

  const head_address where_;
  const std::string cluster_file_;
  const transport::key_pair lent_;
  const program_id id_ = new_program_id();
  detail::desk* owner_ = nullptr;
  std::promise<result<void>> first_contact_;
  bool has_contact_ = false;

  std::mutex inbox_mutex_;
  std::vector<order> inbox_;

  mutable std::mutex reasons_mutex_;
  std::string last_reason_;  // why a worker did not come to work
  std::string why_closed_;

  // The link's thread's.
  program_copy copy_;
  hiring workers_wanted_;
  std::unordered_map<calls::worker_id, worker> workers_;
  std::vector<calls::worker_id> batched_;
  std::vector<calls::event_type> news_;  // for the desk, at the end of the turn
  instant pressed_until_ = never;        // by the head
  std::optional<calls::pool_id> pressed_by_;
  bool is_over_ = false;

  const std::shared_ptr<note_replies> replies_;
  const std::shared_ptr<object_exchange> objects_;
  side_work aside_;
  cluster_actors actors_;
  std::unique_ptr<program_link> link_;
};

}  // namespace fabric::actors
