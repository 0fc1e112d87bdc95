#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "actors/api/actor_fleet.hpp"
#include "actors/program/actor_service.hpp"
#include "actors/program/detached.hpp"
#include "actors/program/hiring.hpp"
#include "actors/program/object_exchange.hpp"
#include "actors/program/program_names.hpp"
#include "actors/program/side_work.hpp"

namespace fabric::actors {

/// A session's actors on a cluster: they live in *hosts*, processes that the head is asked for as
/// for workers, and whoever calls one speaks to its host. A part of `cluster_fleet`, on its link.
///
/// What the desk orders is queued under a lock; everything else is the link's thread's. A host is
/// known to the roster by the id of its process as a program.
class cluster_actors final : public detail::actor_fleet {
 public:
  struct surroundings {
    program_id self;
    std::function<std::string()> command;  ///< of a host's job
    /// The same with other variables than a worker of this program's.
    std::function<std::string(std::vector<std::pair<std::string, std::string>>)> command_with;
    std::string server_public_key;
    std::function<void()> wake;  ///< soon `turn` is called
    std::shared_ptr<object_exchange> objects;
  };
  explicit cluster_actors(surroundings where);
  void start(program_link& link, program_copy& copy);
  /// Before all: this process is the host of its actors, and of those alone.
  void live_here();
  /// No session of this process's key will follow. With a task: it is cancelled, so that it is not
  /// tried again. Waits for the head, for a while.
  void leave_for_good(std::optional<task_id> task);
  /// What an earlier process with this key had the head keep; nothing where there was none.
  result<std::optional<std::string>> kept_state();

  // For the desk.
  void open(detail::actor_desk& owner) override { owner_ = &owner; }
  [[nodiscard]] std::uint64_t program() const override { return where_.self.value; }
  [[nodiscard]] bool is_remote() const override { return true; }
  void carry_out(std::span<const roster::command_type> commands) override;
  void send(const std::shared_ptr<detail::seat>& to, roster::host_id host, roster::incarnation life,
            std::uint64_t number, detail::counted<detail::state_base> call) override;
  void stop(const std::shared_ptr<detail::seat>& to, roster::host_id host, roster::incarnation life,
            std::uint64_t number) override;
  void settle() override;
  void run_aside(std::function<void()> work) override;
  void watch(const std::shared_ptr<detail::seat>& at) override;
  void kill_elsewhere(const std::shared_ptr<detail::seat>& at) override;
  result<detail::actor_ref> spawn_detached(detail::actor_birth how,
                                           const actor_options& terms) override;
  result<void> claim(const std::string& name_space, const std::string& name,
                     const detail::actor_ref& which) override;
  result<detail::actor_ref> find(const std::string& name_space, const std::string& name,
                                 std::chrono::nanoseconds wait) override;
  void release(const std::string& name_space, const std::string& name) override;
  [[nodiscard]] std::string why_infeasible(const demand& needs) const override;
  void tell_to_stop() override;
  void close() override;

  // For the fleet, on the link's thread. These answer whether it was for actors.
  bool came(attempt_id attempt, program_id process);
  bool task_ended(const transport::task_finished& what);
  bool heard(program_id from, transport::program::message& what);
  void gone(program_id who);
  void opened();
  /// There will be no session any more.
  void lost();
  instant turn(instant now);

 private:
  struct outgoing_call {
    program_id host;
    std::uint64_t actor = 0;
    roster::incarnation life = 0;
    transport::program::actor_call what;
  };
  struct outgoing_stop {
    program_id host;
    transport::program::actor_stop what;
  };
  using job = std::function<void()>;
  using order = std::variant<outgoing_call, outgoing_stop, job>;
  /// Where an actor of ours is, for those who watch it.
  struct place {
    transport::program::actor_news last;
    std::set<program_id> watchers;
  };

  void put(order what);
  [[nodiscard]] bool is_packing(const detail::seat& to) const;
  void note_packing(const detail::seat& to, int calls);
  void perform(std::vector<order>& orders);
  void say_calls(program_id host, transport::program::actor_calls& batch);
  void say(program_id to, const transport::program::message& what);
  void make(roster::host_id host, roster::incarnation life, detail::actor_birth how);
  void tell_watchers(transport::program::actor_news what);
  void host_ended(program_id process);
  void cancel_host(program_id process);

  void take(program_id from, transport::program::actor_made& what);
  void take(program_id from, transport::program::actor_ended& what);
  void take(program_id from, transport::program::actor_saved& what);
  void take(program_id from, transport::program::actor_outcomes& what);
  void take(program_id owner, const transport::program::actor_outcome& what);
  void take(program_id from, transport::program::actor_watch& what);
  void take(program_id from, transport::program::actor_news& what);
  void take(program_id from, transport::program::actor_kill& what);

  void hear_home();
  void submit_detached(const detached_plan& plan, const actor_options& terms,
                       const transport::key_pair& keys, std::function<void(result<void>)> done);
  result<std::string> ask_and_wait(transport::message what);
  void keep_at_head(instant now);

  template <class T>
  result<T> wait_for(std::function<void(std::function<void(result<T>)>)> ask);

  const surroundings where_;
  side_work aside_;
  detail::actor_desk* owner_ = nullptr;

  mutable std::mutex inbox_mutex_;
  std::vector<order> inbox_;
  /// Calls that are packed aside: what is said to their actors afterwards goes that way, too, so
  /// that it stays behind them.
  std::unordered_map<const detail::seat*, int> packing_;
  bool is_told_ = false;  // the link knows that there is something
  bool is_closed_ = false;

  mutable std::mutex reasons_mutex_;
  std::string last_reason_;

  // The link's thread's.
  program_link* link_ = nullptr;
  program_copy* copy_ = nullptr;
  hiring hosts_;
  program_names names_;
  std::unordered_map<program_id, calls::worker_id> by_process_;
  std::map<std::uint64_t, place> places_;
  std::deque<std::uint64_t> gone_places_;  // remembered for those who ask late
  std::set<program_id> gone_;              // programs that will not be back
  bool is_home_ready_ = false;
  /// The newest state that the head is to keep, and the checkpoints that wait for that.
  struct keeping {
    std::string state;
    std::vector<std::uint64_t> numbers;
    instant not_before{};
    bool is_under_way = false;
  };
  keeping keeping_;
  std::unique_ptr<actor_service> home_;  // of a detached actor; constant from the start
};

}  // namespace fabric::actors
