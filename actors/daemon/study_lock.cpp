#include "actors/daemon/study_lock.hpp"

#include <filesystem>

#include "actors/daemon/state_dir.hpp"
#include "transport/keys.hpp"

namespace fabric::daemon {

result<store::file_lock> lock_study(const std::string& storage, const std::string& study) {
  constexpr std::string_view scheme = "sqlite:///";
  if (!storage.starts_with(scheme) || storage.size() == scheme.size())
    return fault{fault_code::usage, "--storage '" + storage + "' is no URL of a study file",
                 "write it as in sqlite:///study.db"};
  std::error_code ignored;
  const auto path = std::filesystem::weakly_canonical(
      std::filesystem::absolute(storage.substr(scheme.size()), ignored), ignored);
  const auto home = state_home();
  if (!home) return home.error();
  const auto folder = *home + "/tuning";
  if (auto made = prepare_home_folder(folder); !made) return std::move(made).error();
  auto lock = store::file_lock::take(
      folder + "/" + transport::fingerprint(path.string() + '\0' + study) + ".lock");
  if (!lock && lock.error().code == fault_code::store_locked)
    lock.error() = {fault_code::store_locked,
                    "the study '" + study + "' is being tuned: " + lock.error().detail,
                    "wait for it, or choose another --study"};
  return lock;
}

}  // namespace fabric::daemon
