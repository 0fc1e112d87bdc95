#include "actors/spawner/frames.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace fabric::spawner {
namespace {

std::vector<std::string> whole_bodies(frame_reader& reader) {
  std::vector<std::string> all;
  while (true) {
    auto body = reader.next();
    if (!body || !*body) return all;
    all.emplace_back(reinterpret_cast<const char*>((*body)->data()), (*body)->size());
  }
}

TEST(Frames, ComeOutWholeHoweverTheStreamIsCut) {
  const std::vector<std::string> sent{"one", "", std::string(70'000, 'x'), "four"};
  std::string stream;
  for (const auto& body : sent) append_frame(stream, body);
  for (const std::size_t piece : {1UL, 3UL, 4096UL, stream.size()}) {
    frame_reader reader;
    std::vector<std::string> got;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.take(std::span(stream).subspan(at, std::min(piece, stream.size() - at)));
      for (auto& body : whole_bodies(reader)) got.push_back(std::move(body));
    }
    EXPECT_EQ(got, sent) << "in pieces of " << piece;
  }
}

TEST(Frames, LongerThanAMessageMayBeAreRefusedBeforeTheirBodyComes) {
  frame_reader reader;
  const std::string huge{'\xff', '\xff', '\xff', '\x7f'};
  reader.take(huge);
  const auto body = reader.next();
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, fault_code::too_large);
}

}  // namespace
}  // namespace fabric::spawner
