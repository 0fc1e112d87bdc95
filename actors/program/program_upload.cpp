#include "actors/program/program_upload.hpp"

#include <filesystem>
#include <fstream>
#include <memory>

#include "transport/digest.hpp"

namespace fabric::actors {

namespace {

constexpr std::size_t piece_bytes = 1 << 20;

class upload : public std::enable_shared_from_this<upload> {
 public:
  upload(program_link& link, own_program what, std::function<void(result<void>)> done)
      : link_(&link), what_(std::move(what)), done_(std::move(done)) {}

  /// The next piece; at first only the question how far the head is.
  void send(std::string piece, std::uint64_t offset) {
    link_->ask(
        transport::blob_write{
            .hash = what_.hash, .total = what_.bytes, .offset = offset, .data = std::move(piece)},
        [self = shared_from_this()](result<transport::message> answer) {
          self->answered(std::move(answer));
        });
  }

 private:
  void answered(result<transport::message> answer) {
    if (!answer) return done_(std::move(answer).error());
    const auto* state = std::get_if<transport::blob_state>(&*answer);
    if (state == nullptr)
      return done_(fault{fault_code::unsupported, "the head takes no programs",
                         "upgrade the head, or start the nodes with --worker"});
    if (state->is_complete) return done_({});
    std::ifstream file(what_.path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(state->here));
    std::string piece(piece_bytes, '\0');
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    if (piece.empty())
      return done_(fault{fault_code::store_failed, "cannot read this program's own file",
                         "was it cut short while it ran?"});
    send(std::move(piece), state->here);
  }

  program_link* link_;
  own_program what_;
  std::function<void(result<void>)> done_;
};

}  // namespace

result<own_program> find_own_program() {
  own_program out{.path = "/proc/self/exe"};
  std::error_code problem;
  out.name = std::filesystem::read_symlink(out.path, problem).filename().string();
  out.bytes = problem ? 0 : std::filesystem::file_size(out.path, problem);
  if (problem)
    return fault{fault_code::store_failed,
                 "cannot read this program's own file: " + problem.message(), ""};
  auto hash = transport::digest_of_file(out.path);
  if (!hash) return std::move(hash).error();
  out.hash = std::move(*hash);
  return out;
}

void upload_program(program_link& link, const own_program& what,
                    std::function<void(result<void>)> done) {
  std::make_shared<upload>(link, what, std::move(done))->send({}, 0);
}

}  // namespace fabric::actors
