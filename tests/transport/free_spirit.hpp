#pragma once

#include <gtest/gtest.h>
#include <zmq.h>

#include <string>

#include "tests/transport/loop_fixture.hpp"

namespace fabric::transport {

/// A peer with an admitted key that speaks raw libzmq and chooses its own routing id.
class free_spirit {
 public:
  free_spirit(const head_and_worker& both, const key_pair& keys, const char* routing_id) {
    zmq_setsockopt(socket_, ZMQ_ROUTING_ID, routing_id, 3);
    const int linger = 0;
    const int few = 1;
    zmq_setsockopt(socket_, ZMQ_RCVHWM, &few, sizeof few);
    zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(socket_, ZMQ_CURVE_SERVERKEY, both.head_keys.public_key.data(), 32);
    zmq_setsockopt(socket_, ZMQ_CURVE_PUBLICKEY, keys.public_key.data(), 32);
    zmq_setsockopt(socket_, ZMQ_CURVE_SECRETKEY, keys.secret_key.data(), 32);
    EXPECT_EQ(zmq_connect(socket_, both.endpoint.c_str()), 0);
  }
  free_spirit(const free_spirit&) = delete;
  free_spirit& operator=(const free_spirit&) = delete;
  ~free_spirit() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }

  void say(const std::string& bytes, int flags = 0) {
    EXPECT_EQ(zmq_send(socket_, bytes.data(), bytes.size(), flags), static_cast<int>(bytes.size()));
  }

 private:
  void* context_ = zmq_ctx_new();
  void* socket_ = zmq_socket(context_, ZMQ_DEALER);
};

inline std::string frame_of(const message& m) {
  std::string frame;
  append(frame, {}, m);
  return frame;
}

}  // namespace fabric::transport
