#include "actors/shelf_actor.hpp"

#include <spdlog/spdlog.h>

#include "actors/store/blob_shelf.hpp"

namespace fabric::actors {

namespace {

transport::message answer(store::blob_shelf& shelf, const transport::blob_write& asked) {
  auto done = shelf.write(asked.hash, asked.total, asked.offset, asked.data);
  if (!done) return transport::failed{asked.request, std::move(done.error())};
  return transport::blob_state{asked.request, done->here, done->is_complete};
}

transport::message answer(store::blob_shelf& shelf, const transport::blob_read& asked) {
  auto piece = shelf.read(asked.hash, asked.offset, asked.bytes_max);
  if (!piece) return transport::failed{asked.request, std::move(piece.error())};
  return transport::blob_part{asked.request, piece->total, asked.offset, std::move(piece->data)};
}

struct shelf_state {
  std::unique_ptr<store::blob_shelf> shelf;
};

}  // namespace

shelf_actor spawn_shelf(caf::actor_system& system, const std::string& folder) {
  using self_pointer = shelf_actor::stateful_pointer<shelf_state>;
  return system.spawn<caf::detached>([folder](self_pointer self) -> shelf_actor::behavior_type {
    self->state.shelf = std::make_unique<store::blob_shelf>(folder);
    return {[self](shelf_request& asked, const gateway_actor& back) {
      auto& shelf = *self->state.shelf;
      std::vector<transport::message> said;
      if (const auto* write = std::get_if<transport::blob_write>(&asked.what))
        said.push_back(answer(shelf, *write));
      else if (const auto* read = std::get_if<transport::blob_read>(&asked.what))
        said.push_back(answer(shelf, *read));
      self->send(back, push{asked.from, std::move(said)});
    }};
  });
}

}  // namespace fabric::actors
