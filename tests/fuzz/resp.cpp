#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "actors/journal/journal.hpp"
#include "actors/journal/resp.hpp"

/// Requests read the same however the bytes are cut, and no record of a stranger breaks the
/// journal.
namespace {

using namespace fabric::journal;

void require(bool claim) {
  if (!claim) std::abort();
}

struct reading {
  std::vector<request> requests;
  bool is_broken = false;
};

reading read(std::string_view bytes, std::size_t part) {
  request_reader from;
  reading made;
  while (!bytes.empty() && !made.is_broken) {
    const auto size = std::min(part, bytes.size());
    from.feed(bytes.substr(0, size));
    bytes.remove_prefix(size);
    for (;;) {
      auto next = from.next();
      made.is_broken = !next;
      if (!next) {
        require(next.error().detail.find('\n') == std::string::npos);
        break;
      }
      if (!*next) break;
      require(!(**next).empty() && (**next).size() <= words_max);
      made.requests.push_back(std::move(**next));
    }
  }
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto whole = read(bytes, bytes.size());
  const auto cut = read(bytes, 7);
  require(whole.requests == cut.requests && whole.is_broken == cut.is_broken);
  journal book({});
  const auto nobody = [](const std::string&, std::string_view) { return false; };
  const auto itself = [](std::int64_t) { return true; };
  for (const auto& words : whole.requests) {
    for (const auto& word : words) {
      const auto before = book.size();
      const auto said = book.append(word, nobody, itself);
      const bool is_stored = said.what == journal::answer::kind::stored;
      require(book.size() == before + (is_stored ? 1 : 0));
      if (is_stored) require(fabric::store::read_journal_record(said.entry.text).has_value());
    }
  }
  return 0;
}
