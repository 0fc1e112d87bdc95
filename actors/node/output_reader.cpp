#include "actors/node/output_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace fabric::actors {

namespace {

constexpr std::uint32_t chunk_bytes_max = 512 * 1024;

/// The first offset at or after `from` that is not in a hole: bytes dropped by the size cap are holes.
std::uint64_t skip_hole(int fd, std::uint64_t from, std::uint64_t size) {
  if (from >= size) return from;
  const off_t data = lseek(fd, static_cast<off_t>(from), SEEK_DATA);
  return data < 0 ? from : static_cast<std::uint64_t>(data);
}

}  // namespace

transport::log_chunk read_output(const std::string& path, const transport::log_read& what,
                                 bool over) {
  transport::log_chunk chunk{.request = what.request,
                             .id = what.id,
                             .stream = what.stream,
                             .offset = what.from_end ? 0 : what.offset,
                             .reader = what.reader};
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    chunk.end = over;
    return chunk;
  }
  struct stat facts {};
  fstat(fd, &facts);
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  if (what.from_end) chunk.offset = size - std::min(size, what.offset);
  const auto begin = skip_hole(fd, chunk.offset, size);
  chunk.lost_before = begin > chunk.offset;
  chunk.offset = begin;
  const auto wanted = std::min<std::uint64_t>(std::min(what.bytes_max, chunk_bytes_max),
                                              size > begin ? size - begin : 0);
  chunk.data.resize(wanted);
  const auto got = pread(fd, chunk.data.data(), wanted, static_cast<off_t>(begin));
  chunk.data.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  close(fd);
  chunk.end = over && chunk.offset + chunk.data.size() >= size;
  return chunk;
}

}  // namespace fabric::actors
