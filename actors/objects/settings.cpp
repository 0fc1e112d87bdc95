#include "actors/objects/settings.hpp"

#include <cstdlib>

#include "fabric/amount.hpp"

namespace fabric::objects {

namespace {

fault unknown_setting(std::string_view word) {
  return {fault_code::usage,
          std::string(settings_variable) + " has a part '" + std::string(word) + "'",
          "its parts are name=, memory=, disk= and disk_bytes=, with commas between"};
}

result<void> read_setting(std::string_view word, store_settings& into) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos) return unknown_setting(word);
  const auto name = word.substr(0, equals);
  const auto value = word.substr(equals + 1);
  if (name == "name") {
    into.name = value;
  } else if (name == "disk") {
    into.disk = value;
  } else if (name == "memory" || name == "disk_bytes") {
    const auto bytes = parse_bytes(value, name);
    if (!bytes) return bytes.error();
    (name == "memory" ? into.memory : into.disk_bytes) =
        static_cast<std::uint64_t>(bytes->value / 1000);
  } else {
    return unknown_setting(word);
  }
  return {};
}

}  // namespace

result<store_settings> read_settings(std::string_view text) {
  store_settings said;
  while (!text.empty()) {
    const auto end = text.find(',');
    if (auto read = read_setting(text.substr(0, end), said); !read) return read.error();
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return said;
}

result<store_settings> settings_of_environment() {
  const char* said = std::getenv(settings_variable);
  return read_settings(said == nullptr ? std::string_view{} : said);
}

store_options options_of(const store_settings& said) {
  store_options store;
  if (!said.name.empty()) store.instance = said.name;
  if (!said.disk.empty()) store.disk_root = said.disk;
  store.memory_max = said.memory;
  store.disk_max = said.disk_bytes;
  return store;
}

}  // namespace fabric::objects
