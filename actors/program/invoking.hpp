#pragma once

#include <memory>
#include <vector>

#include "actors/api/invoke.hpp"
#include "actors/program/object_exchange.hpp"

namespace fabric::actors {

/// What became of a call that came over a link, and the objects that its result refers to.
struct invoked {
  detail::invocation done;
  std::vector<transport::program::carried_object> lent;
};

/// Runs a call of another program's: references in its arguments came by this link, a large result
/// becomes an object, and what the result refers to is lent to the caller.
template <class Invoke>
invoked invoke_with_objects(const std::shared_ptr<object_exchange>& objects, program_id caller,
                            Invoke invoke) {
  if (!objects) return {invoke(), {}};
  detail::unpacking_from came(objects->way_from(caller));
  detail::packing_for_others packs(objects->self());
  invoked made{invoke(), {}};
  came.end();
  if (made.done.ok) made.lent = objects->lend(caller, packs.take());
  return made;
}

}  // namespace fabric::actors
