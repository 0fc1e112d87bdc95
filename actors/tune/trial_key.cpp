#include "actors/tune/trial_key.hpp"

#include "transport/codec.hpp"
#include "transport/keys.hpp"

namespace fabric::actors {

std::string trial_key_prefix(const std::string& uid, tuner::trial_number number) {
  return "trial/" + uid + "/" + std::to_string(number) + "/";
}

std::string trial_key(const std::string& uid, tuner::trial_number number,
                      const transport::submit& what) {
  auto content = what;
  content.request = {};
  content.key.clear();
  std::string bytes;
  transport::append(bytes, {}, content);
  return trial_key_prefix(uid, number) + transport::fingerprint(bytes);
}

bool is_round_of(const std::string& key, const std::string& first) {
  return key == first || key.starts_with(first + "/");
}

}  // namespace fabric::actors
