#pragma once

#include "actors/api/object_body.hpp"
#include "fabric/object_id.hpp"
#include "transport/program_message.hpp"

namespace fabric::actors {

transport::program::object_name name_of(const object_id& id);
object_id id_of(const transport::program::object_name& name);

/// Whoever had it is gone.
failure lost_with(const object_id& id);

/// A part of an object of this host, or why there is none. Reads a file.
transport::program::object_part part_of(const transport::program::object_ask& what);

}  // namespace fabric::actors
