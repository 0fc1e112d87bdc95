#pragma once

#include "actors/store/study_store.hpp"
#include "fabric/result.hpp"

namespace fabric::actors {

/// This process as a tuner, under an id that no other has. Faults: config (no /proc).
result<store::tuner_mark> own_mark();

/// Whoever asks for a single point and may keep it until then.
store::tuner_mark asking_mark(std::int64_t until_ms);

/// True where the tuner's process has certainly ended: it was one of the processes that `own` sees,
/// and it is not among them. False says nothing. Of one that asked for a point: where its time is
/// over, by the clock here.
bool has_ended(const store::tuner_mark& who, const store::tuner_mark& own);

/// True where the tuner's process is certainly there.
bool is_running(const store::tuner_mark& who, const store::tuner_mark& own);

}  // namespace fabric::actors
