// Feeds the corpus of one fuzz target to it without libFuzzer, so that what was found once is
// checked by every build. Cut and damaged copies of each seed go in as well: a parser that reads
// past a short input is caught here, under the sanitizers, without a fuzzer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using bytes = std::vector<std::uint8_t>;

/// A target is called with each seed this many times at most, cut or damaged at even distances.
constexpr std::size_t variants_max = 256;

std::vector<std::filesystem::path> corpus() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(FABRIC_CORPUS))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

bytes content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The copy ends where the input ends, so that AddressSanitizer sees a read beyond it.
int feed(const bytes& input) {
  const bytes exact(input.begin(), input.end());
  return LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

std::size_t distance_in(const bytes& input) {
  return std::max<std::size_t>(1, input.size() / variants_max);
}

/// Runs `use` on every seed; its name is printed first, since a crash leaves no other trace.
template <class Use>
void for_each_seed(Use use) {
  const auto files = corpus();
  ASSERT_FALSE(files.empty()) << "no seeds in " << FABRIC_CORPUS;
  for (const auto& file : files) {
    std::printf("replaying %s\n", file.filename().c_str());
    std::fflush(stdout);
    use(content_of(file));
  }
}

TEST(Corpus, EverySeedIsHandled) {
  for_each_seed([](const bytes& seed) { EXPECT_EQ(feed(seed), 0); });
}

TEST(Corpus, EverySeedIsHandledWhenItIsCutShort) {
  for_each_seed([](const bytes& seed) {
    for (std::size_t size = 0; size < seed.size(); size += distance_in(seed))
      EXPECT_EQ(feed(bytes(seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(size))), 0);
  });
}

TEST(Corpus, EverySeedIsHandledWhenOneByteIsDamaged) {
  for_each_seed([](const bytes& seed) {
    for (std::size_t at = 0; at < seed.size(); at += distance_in(seed)) {
      auto damaged = seed;
      for (const int mask : {0x01, 0x80, 0xff}) {
        damaged[at] = static_cast<std::uint8_t>(seed[at] ^ mask);
        EXPECT_EQ(feed(damaged), 0);
      }
    }
  });
}

}  // namespace
