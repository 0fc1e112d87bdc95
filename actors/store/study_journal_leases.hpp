#pragma once

#include <cstdint>

#include "actors/store/sql.hpp"
#include "actors/store/study_store.hpp"

/// Leases of served trials. A server is a tuner of each study that it serves, under a name that
/// tells servers from other tuners: its trials go to the next server.
namespace fabric::store {

/// The trial is evaluated by a worker of the server `who`. Inside of a transaction, as all here.
result<void> lease_served(sql::connection& file, const tuner_mark& who, std::int64_t trial_id);
result<void> end_lease(sql::connection& file, std::int64_t trial_id);

/// Open trials of the journal that no other tuner has are leased to this server.
result<void> adopt_served(sql::connection& file, const tuner_mark& who);
/// Whether nobody else has the trial: it waits, or it runs and is leased to this server.
result<bool> is_served_by(sql::connection& file, const tuner_mark& who, std::int64_t trial_id);
result<void> beat_served(sql::connection& file, const tuner_mark& who);

}  // namespace fabric::store
