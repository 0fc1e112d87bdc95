#include "actors/daemon/study_lock.hpp"

#include <filesystem>

#include "actors/daemon/state_dir.hpp"
#include "actors/store/study_url.hpp"
#include "transport/keys.hpp"

namespace fabric::daemon {

result<store::file_lock> lock_study(const std::string& storage, const std::string& study) {
  std::string place = storage;
  if (store::is_postgres_url(storage)) {
    if (auto fine = store::check_postgres_url(storage); !fine) return std::move(fine).error();
  } else {
    auto path = store::path_of_study_url(storage);
    if (!path) return std::move(path).error();
    std::error_code ignored;
    place = std::filesystem::weakly_canonical(std::filesystem::absolute(*path, ignored), ignored)
                .string();
  }
  const auto home = state_home();
  if (!home) return home.error();
  const auto folder = *home + "/tuning";
  if (auto made = prepare_home_folder(folder); !made) return std::move(made).error();
  auto lock =
      store::file_lock::take(folder + "/" + transport::fingerprint(place + '\0' + study) + ".lock");
  if (!lock && lock.error().code == fault_code::store_locked)
    lock.error() = {fault_code::store_locked,
                    "the study '" + study + "' is being tuned: " + lock.error().detail,
                    "wait for it, or choose another --study"};
  return lock;
}

}  // namespace fabric::daemon
