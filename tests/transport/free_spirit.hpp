#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <zmq.hpp>

#include "transport/codec.hpp"
#include "transport/keys.hpp"

namespace fabric::transport {

/// A peer with an admitted key that speaks bare ZeroMQ and chooses its own routing id.
class free_spirit {
 public:
  free_spirit(const std::string& endpoint, const std::string& server_public_key,
              const key_pair& keys, std::string_view routing_id) {
    namespace opt = zmq::sockopt;
    socket_.set(opt::routing_id, routing_id);
    socket_.set(opt::rcvhwm, 1);
    socket_.set(opt::linger, 0);
    socket_.set(opt::curve_serverkey, server_public_key);
    socket_.set(opt::curve_publickey, keys.public_key);
    socket_.set(opt::curve_secretkey, keys.secret_key);
    socket_.connect(endpoint);
  }

  void say(const std::string& bytes, zmq::send_flags flags = zmq::send_flags::none) {
    EXPECT_EQ(socket_.send(zmq::buffer(bytes), flags), bytes.size());
  }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::dealer};
};

inline std::string frame_of(const message& m) {
  std::string frame;
  append(frame, {}, m);
  return frame;
}

}  // namespace fabric::transport
