/// Counts the words of all files below some folders, a file a call, and prints the most frequent:
///     word_count /usr/share/common-licenses
///     word_count /usr/share/common-licenses --cluster cluster.json
/// The files must be there on every node.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fabric/fabric.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using counts = std::map<std::string, std::uint64_t>;

/// Words are letters in a row, in lower case.
counts count_words(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  counts found;
  std::string word;
  for (std::istreambuf_iterator<char> at(file), end; at != end; ++at) {
    const auto letter = static_cast<unsigned char>(*at);
    if (std::isalpha(letter) != 0) {
      word.push_back(static_cast<char>(std::tolower(letter)));
    } else if (!word.empty()) {
      ++found[word];
      word.clear();
    }
  }
  if (!word.empty()) ++found[word];
  return found;
}
FABRIC_FUNCTION(count_words);

std::vector<std::string> files_below(const std::vector<std::string>& folders) {
  std::vector<std::string> all;
  for (const auto& folder : folders)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) all.push_back(entry.path().string());
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

int main(int argc, char** argv) try {
  auto session = fabric::init(argc, argv);
  std::vector<std::string> folders;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view{argv[i]} == "--cluster")
      ++i;
    else
      folders.emplace_back(argv[i]);
  }
  if (folders.empty()) {
    std::fprintf(stderr, "usage: word_count FOLDER... [--cluster FILE]\n");
    return 2;
  }
  counts all;
  auto calls = session.map({.retries = 2}, count_words, files_below(folders));
  for (const auto& done : fabric::as_completed(calls))
    for (const auto& [word, times] : done.get()) all[word] += times;
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [word, times] : all) order.emplace_back(times, word);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  for (std::size_t i = 0; i < order.size() && i < 10; ++i)
    std::printf("%8llu %s\n", static_cast<unsigned long long>(order[i].first),
                order[i].second.c_str());
} catch (const std::exception& e) {
  std::fprintf(stderr, "word_count: %s\n", e.what());
  return 1;
}
