#pragma once

#include <set>
#include <vector>

#include "actors/clock.hpp"
#include "actors/convert.hpp"
#include "actors/gateway/conduct.hpp"
#include "actors/gateway/log_reads.hpp"
#include "actors/gateway/name_book.hpp"
#include "actors/gateway/pace.hpp"
#include "actors/gateway/parcel_office.hpp"
#include "actors/gateway/post.hpp"
#include "actors/gateway/session_table.hpp"
#include "actors/gateway/watchers.hpp"
#include "actors/gateway_actor.hpp"

namespace fabric::actors {

/// What one turn of the gateway has for the scheduler: gathered, so that everything that one
/// wake-up of the poll loop brought is one step and one commit.
using events_of_turn = std::vector<scheduler::event_type>;

/// All that the gateway knows. The door, the desks and the courier (the files beside this one) work
/// on it, each on its own part.
struct gateway_state {
  gateway_state(gateway_settings settings, transport::poll_loop& l, scheduler_actor decides,
                store_actor keeps)
      : how(std::move(settings)),
        loop(&l),
        scheduler(std::move(decides)),
        store(std::move(keeps)),
        sessions({.epoch = how.who.epoch,
                  .heartbeat = how.heartbeat,
                  .missed_max = how.missed_max,
                  .credits = how.credits}),
        out(l, sessions, how.who),
        names(how.who.epoch > 1 ? now() + how.lease : now()) {}
  gateway_state(const gateway_state&) = delete;
  gateway_state& operator=(const gateway_state&) = delete;

  gateway_settings how;
  transport::poll_loop* loop;
  scheduler_actor scheduler;
  store_actor store;
  session_table sessions;
  post out;
  // The programs' door: keys that are admitted for as long as one of their lenders is there.
  std::map<std::string, std::set<program_id>> lent_keys;

  // What programs are found by. Programs come back within the lease, or not at all.
  name_book names;

  // The door's: how peers behave, and 200 greetings at once, then 200 a second.
  conduct peers;
  pace greetings{std::chrono::milliseconds{5}, 200};

  // The desk's and the courier's: who wants to hear of which job, and which submissions asked to
  // be told of their tasks, until the job's number is known.
  watchers watching;
  std::set<scheduler::event::asker> wants_watch;

  log_reads reads;  // the desk's, and the door's when a node is lost
};

/// What a session agreed on.
convert::session_terms terms_for(const gateway_state& s, const session& who);

}  // namespace fabric::actors
