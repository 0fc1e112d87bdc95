#pragma once

/// All that a program needs: register functions with FABRIC_FUNCTION, `init` a session, `submit`
/// and `map` calls, `get` their results; register classes with FABRIC_ACTOR, `spawn` them; `put`
/// large values where all processes of a host read them.
/// `<fabric/msgpack.hpp>` and `<fabric/coroutine.hpp>` are extra.
#include "fabric/actor.hpp"
#include "fabric/error.hpp"
#include "fabric/function.hpp"
#include "fabric/future.hpp"
#include "fabric/object.hpp"
#include "fabric/options.hpp"
#include "fabric/pack.hpp"
#include "fabric/session.hpp"
#include "fabric/task.hpp"
#include "fabric/when.hpp"
