#include "actors/store_actor.hpp"

#include <deque>
#include <utility>

#include "actors/clock.hpp"
#include "actors/store/writer.hpp"

namespace fabric::actors {

namespace {

struct waiting_commit {
  commit what;
  scheduler_actor to;
};

struct store_state {
  std::shared_ptr<store::writer> writer;
  /// What the writer's queue had no room for; offered again after each commit.
  std::deque<waiting_commit> waiting;
};
using store_self = store_actor::stateful_pointer<store_state>;

void offer(store_self self) {
  auto& s = self->state;
  const store_actor me{self};
  while (!s.waiting.empty()) {
    auto& next = s.waiting.front();
    const auto number = next.what.number;
    auto taken = s.writer->submit(
        std::move(next.what.records), wall_ms(), [number, to = next.to, me](result<void> done) {
          std::optional<fault> failed;
          if (!done) failed = std::move(done.error());
          caf::anon_send(to, committed{number, std::move(failed)});
          caf::anon_send(me, store_room{});
        });
    if (!taken) {
      if (taken.error().code == fault_code::busy) return;
      caf::anon_send(next.to, committed{number, taken.error()});
    }
    s.waiting.pop_front();
  }
}

void read_back(const std::shared_ptr<store::writer>& writer, const scheduler_actor& to) {
  auto asked = writer->reopen([writer, to](result<void> open) {
    if (!open) {
      caf::anon_send(to, reloaded{nullptr, std::move(open.error())});
      return;
    }
    auto queued = writer->read([to](store::head_store& rows) {
      auto content = rows.load();
      if (content)
        caf::anon_send(to, reloaded{std::make_shared<scheduler::snapshot>(std::move(*content)),
                                    std::nullopt});
      else
        caf::anon_send(to, reloaded{nullptr, std::move(content.error())});
    });
    if (!queued) caf::anon_send(to, reloaded{nullptr, queued.error()});
  });
  if (!asked) caf::anon_send(to, reloaded{nullptr, asked.error()});
}

}  // namespace

store_actor spawn_store(caf::actor_system& system, std::shared_ptr<store::writer> writer) {
  return system.spawn([writer](store_self self) -> store_actor::behavior_type {
    self->state.writer = writer;
    return {
        [self](commit& what, const scheduler_actor& to) {
          self->state.waiting.push_back({std::move(what), to});
          offer(self);
        },
        [self](const reload&, const scheduler_actor& to) {
          self->state.waiting.clear();
          read_back(self->state.writer, to);
        },
        [self](store_job& what) {
          // Refused where the queue of reads is full or the store is closing: the asker's own time
          // limit answers it.
          if (!self->state.writer->read(std::move(what.work))) return;
        },
        [self](const probe& what) {
          const auto number = what.number;
          const auto to = what.to;
          auto asked = self->state.writer->read([number, to](store::head_store& rows) {
            std::optional<fault> failed;
            if (auto done = rows.touch(); !done) failed = std::move(done.error());
            caf::anon_send(to, committed{number, std::move(failed)});
          });
          if (!asked) caf::anon_send(to, committed{number, asked.error()});
        },
        [self](const store_room&) { offer(self); },
    };
  });
}

}  // namespace fabric::actors
